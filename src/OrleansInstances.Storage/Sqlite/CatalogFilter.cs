using System.Text;
using System.Text.Json;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>
/// A query's conditions on the table <c>instances</c>. The text depends only on which conditions are given, never on
/// their values or number, so there are few texts and each is prepared once.
/// </summary>
internal sealed class CatalogFilter
{
    private readonly StringBuilder conditions = new();
    private readonly List<(string Name, object? Value)> parameters = [];

    public CatalogFilter(CatalogQuery query)
    {
        RequireEqual("region", query.Region);
        RequireEqual("node", query.Node);
        RequireEqual("driver", query.Driver);
        RequireEqual("owner", query.Owner);
        RequireEqual("name", query.Name);
        if (!query.Statuses.IsEmpty)
        {
            Require(
                "status IN (SELECT value FROM json_each(@statuses))",
                "@statuses",
                JsonSerializer.Serialize(query.Statuses.Select(status => (int)status), StorageJson.Default.IEnumerableInt32));
        }

        if (query.Ids is { } ids)
        {
            Require(
                "hex(id) IN (SELECT value FROM json_each(@ids))",
                "@ids",
                JsonSerializer.Serialize(ids.Select(id => Convert.ToHexString(id.ToBlob())), StorageJson.Default.IEnumerableString));
        }

        if (!query.Labels.IsEmpty)
        {
            Require(
                """
                number IN (
                    SELECT label.number FROM json_each(@labels) AS wanted
                    JOIN instance_labels AS label ON label.key = wanted.key AND label.value = wanted.value
                    GROUP BY label.number HAVING count(*) = @label_count)
                """,
                "@labels",
                JsonSerializer.Serialize(query.Labels, StorageJson.Default.ImmutableDictionaryStringString));
            Bind("@label_count", query.Labels.Count);
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
            Require($"{column} = @{column}", $"@{column}", value);
        }
    }
}
