using System.Collections.Immutable;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

/// <summary>The conditions as PostgreSQL takes them: lists as arrays.</summary>
internal sealed class PostgresCatalogFilter : CatalogConditions
{
    /// <summary>Parameters: two arrays, and their length.</summary>
    public const string HasLabels = """
        number IN (
            SELECT label.number FROM unnest(@label_keys, @label_values) AS wanted (key, value)
            JOIN instance_labels AS label ON label.key = wanted.key AND label.value = wanted.value
            GROUP BY label.number HAVING count(*) = @label_count)
        """;

    public PostgresCatalogFilter(CatalogQuery query)
        : base(query, time => time.ToUniversalTime(), common: "")
    {
        if (!query.Statuses.IsEmpty)
        {
            Require("status = ANY (@statuses)", "@statuses", query.Statuses.Select(status => (int)status).ToArray());
        }

        if (query.Ids is { } ids)
        {
            Require("id = ANY (@ids)", "@ids", ids.ToArray());
        }
    }

    protected override string LabelAndInstance => "instance_labels AS label JOIN instances ON instances.number = label.number";

    // Counted in the order of the index: asked for the equal ones only, PostgreSQL may gather all of them, to count a few.
    protected override string IsRarestLabel => $"""
        (label.key, label.value) = (
            SELECT wanted.key, wanted.value FROM unnest(@label_keys, @label_values) AS wanted (key, value) ORDER BY (
                SELECT count(*) FROM (
                    SELECT counted.key, counted.value FROM instance_labels AS counted
                    WHERE (counted.key, counted.value, counted.number) > (wanted.key, wanted.value, 0)
                    ORDER BY counted.key, counted.value, counted.number LIMIT {CommonLabel}) AS next
                WHERE next.key = wanted.key AND next.value = wanted.value)
            LIMIT 1)
        """;

    protected override string HasEachLabel => """
        NOT EXISTS (
            SELECT FROM unnest(@label_keys, @label_values) AS wanted (key, value) WHERE NOT EXISTS (
                SELECT FROM instance_labels AS other
                WHERE other.key = wanted.key AND other.value = wanted.value AND other.number = instances.number))
        """;

    protected override string HasAllLabels => HasLabels;

    protected override void BindLabels(ImmutableDictionary<string, string> labels)
    {
        Bind("@label_keys", labels.Keys.ToArray());
        Bind("@label_values", labels.Values.ToArray());
    }
}
