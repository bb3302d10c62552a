using System.Text;

namespace OrleansInstances.Storage.Instances;

/// <summary>
/// A query's conditions. The text depends only on which conditions are given, never on their values or number, so there are
/// few texts and each is prepared once. What matches one of many values is each database's own to add.
/// </summary>
internal abstract class SqlConditions
{
    private readonly StringBuilder conditions = new();
    private readonly List<(string Name, object? Value)> parameters = [];

    /// <summary>Empty, or each condition with AND before it.</summary>
    public string Conditions => conditions.ToString();

    public (string Name, object? Value)[] Parameters => [.. parameters];

    public void Require(string condition) => conditions.Append(" AND ").Append(condition);

    public void Require(string condition, string parameter, object? value)
    {
        Require(condition);
        Bind(parameter, value);
    }

    public void Bind(string parameter, object? value) => parameters.Add((parameter, value));

    protected void RequireEqual(string column, object? value, string prefix = "")
    {
        if (value is not null)
        {
            Require($"{prefix}{column} = @{column}", $"@{column}", value);
        }
    }
}
