using System.Text.Json;
using Npgsql;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Postgres;

/// <summary>
/// Brings the catalog up to a state that grain storage has just written. That state is stored whatever happens here, so
/// every fault is an outcome unknown, never one where nothing was done; the sweeper publishes again.
/// </summary>
internal sealed class PostgresInstanceCatalogWriter(PostgresDatabase database) : IInstanceCatalogWriter
{
    /// <summary>
    /// One statement. It holds the state's row against a clear, and does nothing when that came first: a row must not
    /// outlive its state. Texts lose U+0000, which PostgreSQL can't hold; what is shown comes from the snapshot.
    /// </summary>
    private const string Publish = """
        WITH state AS MATERIALIZED (
            SELECT FROM grain_state WHERE instance_id = @id AND snapshot_version >= @version FOR KEY SHARE
        ), unmarked AS (
            DELETE FROM unpublished USING state WHERE instance_id = @id AND version <= @version
        ), logged AS (
            INSERT INTO instance_events (instance_id, sequence, type, at, epoch, message, metadata, owner)
            SELECT @id, event.*, @owner
            FROM state, unnest(@sequences, @types, @times, @epochs, @messages, @metadata) AS event
            ON CONFLICT DO NOTHING
        ), shown AS (
            INSERT INTO instances (
                number, id, version, status, busy, due_at, region, node, driver, owner, name, snapshot,
                app_id, service_id, deployment_id, regional_deployment_id, allocation_id, replica_index,
                unhealthy, created_at, period_from, period_to)
            SELECT
                @number, @id, @version, @status, @busy, @due, @region, @node, @driver, @owner, @name, @snapshot,
                @app, @service, @deployment, @regional_deployment, @allocation, @replica,
                @unhealthy, @created, @period_from, @period_to
            FROM state
            ON CONFLICT (id) DO UPDATE SET
                version = excluded.version, status = excluded.status, busy = excluded.busy, due_at = excluded.due_at,
                region = excluded.region, node = excluded.node, driver = excluded.driver, owner = excluded.owner,
                name = excluded.name, snapshot = excluded.snapshot, app_id = excluded.app_id, service_id = excluded.service_id,
                deployment_id = excluded.deployment_id, regional_deployment_id = excluded.regional_deployment_id,
                allocation_id = excluded.allocation_id, replica_index = excluded.replica_index, unhealthy = excluded.unhealthy,
                period_from = excluded.period_from, period_to = excluded.period_to
            WHERE excluded.version > instances.version
            RETURNING number
        ), dropped AS (
            DELETE FROM instance_labels USING shown
            WHERE instance_labels.number = shown.number
                AND (key, value) NOT IN (SELECT * FROM unnest(@label_keys, @label_values))
        )
        INSERT INTO instance_labels (key, value, number)
        SELECT label.key, label.value, shown.number FROM shown, unnest(@label_keys, @label_values) AS label (key, value)
        ON CONFLICT DO NOTHING
        """;

    public async Task PublishAsync(ICatalogedState state)
    {
        if (state.Snapshot is not { } snapshot)
        {
            return;
        }

        await using var publish = new NpgsqlCommand(Publish);
        AddRow(publish.Parameters, snapshot);
        AddEvents(publish.Parameters, state.Outbox);
        try
        {
            await database.WriteAsync(
                connection =>
                {
                    publish.Connection = connection;
                    return publish.ExecuteNonQueryAsync();
                },
                CancellationToken.None);
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageOverloadedException)
        {
            throw new StorageOutcomeUnknownException($"The instance is stored, but not yet in the catalog. {e.Message}");
        }
    }

    private static void AddRow(NpgsqlParameterCollection parameters, InstanceSnapshot snapshot)
    {
        var spec = snapshot.Spec;
        Add(parameters, "number", snapshot.Number);
        Add(parameters, "id", snapshot.Id);
        Add(parameters, "version", snapshot.Version);
        Add(parameters, "status", (int)snapshot.Status);
        Add(parameters, "busy", snapshot.Busy);
        Add(parameters, "due", snapshot.DueAt?.ToUniversalTime());
        Add(parameters, "region", Text(spec.Region));
        Add(parameters, "node", Text(snapshot.Node));
        Add(parameters, "driver", Text(spec.Driver));
        Add(parameters, "owner", Text(snapshot.Owner));
        Add(parameters, "name", Text(spec.Name));
        Add(parameters, "snapshot", StoredJson.Write(snapshot));
        Add(parameters, "app", Text(spec.Deployment?.AppId));
        Add(parameters, "service", Text(spec.Deployment?.ServiceId));
        Add(parameters, "deployment", Text(spec.Deployment?.DeploymentId));
        Add(parameters, "regional_deployment", Text(spec.Deployment?.RegionalDeploymentId));
        Add(parameters, "allocation", Text(spec.Deployment?.AllocationId));
        Add(parameters, "replica", spec.Deployment?.ReplicaIndex ?? 0);
        Add(parameters, "unhealthy", snapshot.Health == InstanceHealth.Unhealthy);
        Add(parameters, "created", snapshot.CreatedAt.ToUniversalTime());
        Add(parameters, "period_from", (snapshot.FirstStartedAt ?? snapshot.CreatedAt).ToUniversalTime());
        Add(parameters, "period_to", snapshot.FinishedAt()?.ToUniversalTime());
        Add(parameters, "label_keys", spec.Labels.Keys.Select(Text).ToArray());
        Add(parameters, "label_values", spec.Labels.Values.Select(Text).ToArray());
    }

    private static void AddEvents(NpgsqlParameterCollection parameters, IReadOnlyList<InstanceEvent> events)
    {
        Add(parameters, "sequences", events.Select(e => e.Sequence).ToArray());
        Add(parameters, "types", events.Select(e => Text(e.Type)).ToArray());
        Add(parameters, "times", events.Select(e => e.At.ToUniversalTime()).ToArray());
        Add(parameters, "epochs", events.Select(e => e.Epoch).ToArray());
        Add(parameters, "messages", events.Select(e => Text(e.Message)).ToArray());
        Add(
            parameters,
            "metadata",
            events.Select(e => JsonSerializer.SerializeToUtf8Bytes(e.Metadata, StorageJson.Default.ImmutableDictionaryStringString)).ToArray());
    }

    private static void Add(NpgsqlParameterCollection parameters, string name, object? value) =>
        parameters.Add(new NpgsqlParameter(name, value ?? DBNull.Value));

    private static string? Text(string? text) => text?.Replace('\0', '\uFFFD');
}
