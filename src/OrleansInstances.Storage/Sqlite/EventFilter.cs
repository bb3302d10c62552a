using System.Text.Json;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>The conditions as SQLite takes them: lists as JSON.</summary>
internal sealed class EventFilter : EventConditions
{
    private static readonly string HasLabels = OfInstances(CatalogFilter.HasLabels);

    public EventFilter(EventQuery query)
        : base(query, time => time.ToUnixTimeMilliseconds())
    {
        if (query.Instances is { } instances)
        {
            Require("instance_id IN (SELECT unhex(value) FROM json_each(@instances))", "@instances", SqliteValues.ToJson(instances));
        }

        if (query.Types is { } types)
        {
            Require("type IN (SELECT value FROM json_each(@types))", "@types", JsonSerializer.Serialize(types, StorageJson.Default.IEnumerableString));
        }

        if (!query.Labels.IsEmpty)
        {
            Require(HasLabels, "@labels", JsonSerializer.Serialize(query.Labels, StorageJson.Default.ImmutableDictionaryStringString));
            Bind("@label_count", query.Labels.Count);
        }
    }
}
