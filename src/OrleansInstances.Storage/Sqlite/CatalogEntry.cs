using System.Text.Json;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>
/// What the catalog and the event log take of a state: a copy made in the grain's own turn, so that the writer never
/// looks at a state that goes on changing.
/// </summary>
internal sealed class CatalogEntry
{
    private const string UpsertRow = """
        INSERT INTO instances (
            number, id, version, status, busy, due_at, region, node, driver, owner, name, snapshot,
            app_id, service_id, deployment_id, regional_deployment_id, allocation_id, replica_index,
            unhealthy, created_at, period_from, period_to)
        VALUES (
            @number, @id, @version, @status, @busy, @due, @region, @node, @driver, @owner, @name, @snapshot,
            @app, @service, @deployment, @regional_deployment, @allocation, @replica,
            @unhealthy, @created, @period_from, @period_to)
        ON CONFLICT (id) DO UPDATE SET
            version = excluded.version, status = excluded.status, busy = excluded.busy, due_at = excluded.due_at,
            region = excluded.region, node = excluded.node, driver = excluded.driver, owner = excluded.owner,
            name = excluded.name, snapshot = excluded.snapshot, app_id = excluded.app_id, service_id = excluded.service_id,
            deployment_id = excluded.deployment_id, regional_deployment_id = excluded.regional_deployment_id,
            allocation_id = excluded.allocation_id, replica_index = excluded.replica_index, unhealthy = excluded.unhealthy,
            period_from = excluded.period_from, period_to = excluded.period_to
        WHERE excluded.version > instances.version
        """;

    private const string DropOldLabels = """
        DELETE FROM instance_labels
        WHERE number = @number AND (key, value) NOT IN (SELECT key, value FROM json_each(@labels))
        """;

    private const string AddNewLabels = """
        INSERT INTO instance_labels (key, value, number)
        SELECT key, value, @number FROM json_each(@labels) WHERE true
        ON CONFLICT DO NOTHING
        """;

    private const string AddEvent = """
        INSERT INTO instance_events (instance_id, sequence, type, at, epoch, message, metadata, owner)
        VALUES (@instance, @sequence, @type, @at, @epoch, @message, @metadata, @owner)
        ON CONFLICT DO NOTHING
        """;

    private readonly InstanceSnapshot snapshot;
    private readonly byte[] snapshotJson;
    private readonly string labels;
    private readonly (InstanceEvent Event, string Metadata)[] events;

    private CatalogEntry(InstanceSnapshot snapshot, IReadOnlyList<InstanceEvent> outbox)
    {
        this.snapshot = snapshot;
        snapshotJson = StoredJson.Write(snapshot);
        labels = JsonSerializer.Serialize(snapshot.Spec.Labels, StorageJson.Default.ImmutableDictionaryStringString);
        events = [.. outbox.Select(e => (e, JsonSerializer.Serialize(e.Metadata, StorageJson.Default.ImmutableDictionaryStringString)))];
    }

    public Guid InstanceId => snapshot.Id;

    public long Version => snapshot.Version;

    /// <summary>Copies what is to be shown of a state; null when it has no snapshot yet.</summary>
    public static CatalogEntry? Of(ICatalogedState? state) =>
        state?.Snapshot is { } snapshot ? new CatalogEntry(snapshot, state.Outbox) : null;

    /// <summary>Removes an instance from the catalog. Its events stay.</summary>
    public static void Remove(SqliteSession session, byte[] instanceId)
    {
        session.Execute(
            "DELETE FROM instance_labels WHERE number = (SELECT number FROM instances WHERE id = @id)", ("@id", instanceId));
        session.Execute("DELETE FROM instances WHERE id = @id", ("@id", instanceId));
    }

    /// <summary>Whether all of it is there already, so that nothing needs to be written.</summary>
    public bool IsStored(SqliteSession session)
    {
        var id = InstanceId.ToBlob();
        var version = session.Scalar("SELECT version FROM instances WHERE id = @id", ("@id", id));
        if (version is not long stored || stored < Version)
        {
            return false;
        }

        const string CountEvents = "SELECT count(*) FROM instance_events WHERE instance_id = @id AND sequence BETWEEN @first AND @last";
        return events.Length == 0 || events.Length == (long)session.Scalar(
            CountEvents, ("@id", id), ("@first", events[0].Event.Sequence), ("@last", events[^1].Event.Sequence))!;
    }

    /// <summary>Writes row, labels and events. A row of the same or a higher version stays as it is, and so does an event that is there.</summary>
    public void Store(SqliteSession session)
    {
        if (StoreRow(session))
        {
            session.Execute(DropOldLabels, ("@number", snapshot.Number), ("@labels", labels));
            session.Execute(AddNewLabels, ("@number", snapshot.Number), ("@labels", labels));
        }

        foreach (var (e, metadata) in events)
        {
            session.Execute(
                AddEvent,
                ("@instance", e.InstanceId.ToBlob()),
                ("@sequence", e.Sequence),
                ("@type", e.Type),
                ("@at", e.At.ToUnixTimeMilliseconds()),
                ("@epoch", e.Epoch),
                ("@message", e.Message),
                ("@metadata", metadata),
                ("@owner", snapshot.Owner));
        }
    }

    private bool StoreRow(SqliteSession session) => session.Execute(
        UpsertRow,
        ("@number", snapshot.Number),
        ("@id", InstanceId.ToBlob()),
        ("@version", Version),
        ("@status", (int)snapshot.Status),
        ("@busy", snapshot.Busy),
        ("@due", snapshot.DueAt?.ToUnixTimeMilliseconds()),
        ("@region", snapshot.Spec.Region),
        ("@node", snapshot.Node),
        ("@driver", snapshot.Spec.Driver),
        ("@owner", snapshot.Owner),
        ("@name", snapshot.Spec.Name),
        ("@snapshot", snapshotJson),
        ("@app", snapshot.Spec.Deployment?.AppId),
        ("@service", snapshot.Spec.Deployment?.ServiceId),
        ("@deployment", snapshot.Spec.Deployment?.DeploymentId),
        ("@regional_deployment", snapshot.Spec.Deployment?.RegionalDeploymentId),
        ("@allocation", snapshot.Spec.Deployment?.AllocationId),
        ("@replica", snapshot.Spec.Deployment?.ReplicaIndex ?? 0),
        ("@unhealthy", snapshot.Health == InstanceHealth.Unhealthy),
        ("@created", snapshot.CreatedAt.ToUnixTimeMilliseconds()),
        ("@period_from", (snapshot.FirstStartedAt ?? snapshot.CreatedAt).ToUnixTimeMilliseconds()),
        ("@period_to", snapshot.FinishedAt()?.ToUnixTimeMilliseconds())) > 0;
}
