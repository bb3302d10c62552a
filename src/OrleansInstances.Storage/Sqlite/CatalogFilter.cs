using System.Collections.Immutable;
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
        : base(query, time => time.ToUnixTimeMilliseconds(), common: "+")
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
    }

    // CROSS keeps the order: by itself SQLite would gather all rows of a label before the first instance.
    protected override string LabelAndInstance => "instance_labels AS label CROSS JOIN instances ON instances.number = label.number";

    protected override string IsRarestLabel => $"""
        (label.key, label.value) = (
            SELECT wanted.key, wanted.value FROM json_each(@labels) AS wanted ORDER BY (
                SELECT count(*) FROM (
                    SELECT 1 FROM instance_labels AS counted
                    WHERE counted.key = wanted.key AND counted.value = wanted.value LIMIT {CommonLabel}))
            LIMIT 1)
        """;

    protected override string HasEachLabel => """
        NOT EXISTS (
            SELECT 1 FROM json_each(@labels) AS wanted WHERE NOT EXISTS (
                SELECT 1 FROM instance_labels AS other
                WHERE other.key = wanted.key AND other.value = wanted.value AND other.number = instances.number))
        """;

    protected override string HasAllLabels => HasLabels;

    protected override void BindLabels(ImmutableDictionary<string, string> labels) =>
        Bind("@labels", JsonSerializer.Serialize(labels, StorageJson.Default.ImmutableDictionaryStringString));
}
