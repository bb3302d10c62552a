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
        : base(query, time => time.ToUniversalTime())
    {
        if (!query.Statuses.IsEmpty)
        {
            Require("status = ANY (@statuses)", "@statuses", query.Statuses.Select(status => (int)status).ToArray());
        }

        if (query.Ids is { } ids)
        {
            Require("id = ANY (@ids)", "@ids", ids.ToArray());
        }

        if (!query.Labels.IsEmpty)
        {
            Require(HasLabels, "@label_keys", query.Labels.Keys.ToArray());
            Bind("@label_values", query.Labels.Values.ToArray());
            Bind("@label_count", query.Labels.Count);
        }
    }
}
