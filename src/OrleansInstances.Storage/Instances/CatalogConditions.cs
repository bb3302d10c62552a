using System.Text;

namespace OrleansInstances.Storage.Instances;

/// <summary>
/// A query's conditions on the table <c>instances</c>. The text depends only on which conditions are given, never on
/// their values or number, so there are few texts and each is prepared once. What matches one of many values is each
/// database's own to add.
/// </summary>
internal abstract class CatalogConditions
{
    private readonly StringBuilder conditions = new();
    private readonly List<(string Name, object? Value)> parameters = [];

    protected CatalogConditions(CatalogQuery query)
    {
        RequireEqual("region", query.Region);
        RequireEqual("node", query.Node);
        RequireEqual("driver", query.Driver);
        RequireEqual("owner", query.Owner);
        RequireEqual("name", query.Name);
    }

    /// <summary>Empty, or each condition with AND before it.</summary>
    public string Conditions => conditions.ToString();

    public (string Name, object? Value)[] Parameters => [.. parameters];

    public void Require(string condition, string parameter, object? value)
    {
        conditions.Append(" AND ").Append(condition);
        Bind(parameter, value);
    }

    public void Bind(string parameter, object? value) => parameters.Add((parameter, value));

    private void RequireEqual(string column, string? value)
    {
        if (value is not null)
        {
            Require($"{column} = @{column}", $"@{column}", value);
        }
    }
}
