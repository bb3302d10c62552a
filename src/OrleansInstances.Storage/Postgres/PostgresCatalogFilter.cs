using System.Text;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

/// <summary>
/// A query's conditions on the table <c>instances</c>. The text depends only on which conditions are given, never on
/// their values or number, so there are few texts and each is prepared once.
/// </summary>
internal sealed class PostgresCatalogFilter
{
    private readonly StringBuilder conditions = new();
    private readonly List<(string Name, object? Value)> parameters = [];

    public PostgresCatalogFilter(CatalogQuery query)
    {
        RequireEqual("region", query.Region);
        RequireEqual("node", query.Node);
        RequireEqual("driver", query.Driver);
        RequireEqual("owner", query.Owner);
        RequireEqual("name", query.Name);
        if (!query.Statuses.IsEmpty)
        {
            Require("status = ANY (@statuses)", "statuses", query.Statuses.Select(status => (int)status).ToArray());
        }

        if (query.Ids is { } ids)
        {
            Require("id = ANY (@ids)", "ids", ids.ToArray());
        }

        if (!query.Labels.IsEmpty)
        {
            Require(
                """
                number IN (
                    SELECT label.number FROM unnest(@label_keys, @label_values) AS wanted (key, value)
                    JOIN instance_labels AS label ON label.key = wanted.key AND label.value = wanted.value
                    GROUP BY label.number HAVING count(*) = @label_count)
                """,
                "label_keys",
                query.Labels.Keys.ToArray());
            Bind("label_values", query.Labels.Values.ToArray());
            Bind("label_count", query.Labels.Count);
        }
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
            Require($"{column} = @{column}", column, value);
        }
    }
}
