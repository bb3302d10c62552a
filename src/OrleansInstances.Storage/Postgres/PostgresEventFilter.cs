using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Postgres;

/// <summary>The conditions as PostgreSQL takes them: lists as arrays.</summary>
internal sealed class PostgresEventFilter : EventConditions
{
    private static readonly string HasLabels = OfInstances(PostgresCatalogFilter.HasLabels);

    public PostgresEventFilter(EventQuery query)
        : base(query, time => time.ToUniversalTime())
    {
        if (query.Instances is { } instances)
        {
            Require("instance_id = ANY (@instances)", "@instances", instances.ToArray());
        }

        if (query.Types is { } types)
        {
            // No type holds U+0000, and PostgreSQL takes no text with it.
            Require("type = ANY (@types)", "@types", types.Where(type => !type.Contains('\0', StringComparison.Ordinal)).ToArray());
        }

        if (!query.Labels.IsEmpty)
        {
            Require(HasLabels, "@label_keys", query.Labels.Keys.ToArray());
            Bind("@label_values", query.Labels.Values.ToArray());
            Bind("@label_count", query.Labels.Count);
        }
    }
}
