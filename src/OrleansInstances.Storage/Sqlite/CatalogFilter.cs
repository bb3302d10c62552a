using System.Text.Json;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>The conditions as SQLite takes them: lists as JSON.</summary>
internal sealed class CatalogFilter : CatalogConditions
{
    /// <summary>Parameters: a JSON object, and its number of members.</summary>
    public const string HasLabels = """
        number IN (
            SELECT label.number FROM json_each(@labels) AS wanted
            JOIN instance_labels AS label ON label.key = wanted.key AND label.value = wanted.value
            GROUP BY label.number HAVING count(*) = @label_count)
        """;

    public CatalogFilter(CatalogQuery query)
        : base(query, time => time.ToUnixTimeMilliseconds())
    {
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
                "id IN (SELECT unhex(value) FROM json_each(@ids))",
                "@ids",
                SqliteValues.ToJson(ids));
        }

        if (!query.Labels.IsEmpty)
        {
            Require(HasLabels, "@labels", JsonSerializer.Serialize(query.Labels, StorageJson.Default.ImmutableDictionaryStringString));
            Bind("@label_count", query.Labels.Count);
        }
    }
}
