using System.Text.Json;
using Microsoft.Data.Sqlite;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>The rows of launches, within a transaction.</summary>
internal static class SqliteLaunchRows
{
    public const string JobColumns =
        "data, racers, config_id, instance_id, miner_hotkey, status, error, miner_terminated, started_at, finished_at";

    private const string Population = """
        SELECT count(*), coalesce(sum(serves), 0), coalesce(sum(miner_hotkey = @hotkey), 0) FROM chute_instances WHERE chute_id = @chute
        """;

    private const string Gpus = """
        SELECT gpu.data, held.instance_id FROM json_each(@uuids) AS asked
        JOIN chute_gpus AS gpu ON gpu.uuid = asked.value
        LEFT JOIN chute_instance_gpus AS held ON held.gpu_uuid = gpu.uuid
        ORDER BY asked.key
        """;

    private const string Instance = """
        INSERT INTO chute_instances (
            instance_id, chute_id, config_id, host, port, miner_hotkey, miner_uid, version, serves, stages, expires_at,
            created_at, verified_at, activated_at, symmetric_key, data)
        VALUES (
            @id, @chute, @config, @host, @port, @hotkey, @uid, @version, @serves, @stages, @expires,
            @created, @verified, @activated, @key, @data)
        ON CONFLICT (instance_id) DO UPDATE SET
            serves = excluded.serves, stages = excluded.stages, expires_at = excluded.expires_at,
            verified_at = excluded.verified_at, activated_at = excluded.activated_at, data = excluded.data
        """;

    public static LaunchFacts Read(SqliteSession session, LaunchQuestion question)
    {
        var config = question.ConfigId is { } configId ? FindConfig(session, configId) : null;
        var instance = LaunchKeys.InstanceOf(question, config) is { } instanceId
            ? session.First("SELECT data, symmetric_key FROM chute_instances WHERE instance_id = @id", ReadInstance, ("@id", instanceId.ToBlob()))
            : null;
        var keys = LaunchKeys.Of(question, config, instance?.Shown);
        return new LaunchFacts
        {
            Config = config,
            Instance = instance,
            Chute = session.First("SELECT data FROM chutes WHERE chute_id = @id", StoredJson.Read<Chute>, ("@id", keys.ChuteId)),
            Miner = session.First("SELECT data FROM chute_miners WHERE hotkey = @id", StoredJson.Read<ChuteMiner>, ("@id", keys.Hotkey)),
            Job = session.First($"SELECT {JobColumns} FROM chute_jobs WHERE job_id = @id", ReadJob, ("@id", keys.JobId)),
            Population = session.First(
                Population, row => new ChutePopulation(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2)), ("@chute", keys.ChuteId), ("@hotkey", keys.Hotkey)),
            Gpus = [.. session.List(
                Gpus,
                row => new HeldGpu(StoredJson.Read<ChuteGpu>(row), row.IsDBNull(1) ? null : row.GetId(1)),
                ("@uuids", JsonSerializer.Serialize(keys.Gpus, StorageJson.Default.IEnumerableString)))],
            AddressTaken = question.Host is { } host && session.Scalar(
                "SELECT 1 FROM chute_instances WHERE host = @host AND port = @port",
                ("@host", LaunchKeys.Address(host)),
                ("@port", question.Port)) is not null,
        };
    }

    public static void Store(SqliteSession session, LaunchOutcome outcome)
    {
        var (facts, decision) = outcome;
        if (decision.Config is { } config)
        {
            StoreConfig(session, config);
        }

        if (decision.Job is { } job)
        {
            StoreProgress(session, job);
        }

        if (decision.Instance is { } instance)
        {
            StoreInstance(session, instance, isNew: facts.Instance is null);
        }

        if (decision.Ending is { } ending && facts.Instance is { } ended)
        {
            var id = ended.Shown.InstanceId.ToBlob();
            session.Execute(
                "UPDATE chute_instances SET end_type = @type, end_reason = @reason, ended_at = @at WHERE instance_id = @id",
                ("@type", ending.Type),
                ("@reason", ending.Reason),
                ("@at", ending.At.ToUnixTimeMilliseconds()),
                ("@id", id));
            session.Execute("DELETE FROM chute_instances WHERE instance_id = @id", ("@id", id));
        }
    }

    public static LaunchConfigSnapshot? FindConfig(SqliteSession session, Guid configId) => session.First(
        "SELECT data FROM launch_configs WHERE config_id = @id",
        StoredJson.Read<LaunchConfigSnapshot>,
        ("@id", configId.ToBlob()));

    public static StoredChuteInstance ReadInstance(SqliteDataReader row) => new(
        StoredJson.Read<ChuteInstanceSnapshot>(row), row.GetText(1));

    public static StoredChuteJob ReadJob(SqliteDataReader row) => new()
    {
        Job = StoredJson.Read<ChuteJob>(row),
        Racers = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), StorageJson.Default.ImmutableArrayString),
        ConfigId = row.IsDBNull(2) ? null : row.GetId(2),
        InstanceId = row.IsDBNull(3) ? null : row.GetId(3),
        MinerHotkey = row.GetText(4),
        Status = (ChuteJobStatus)row.GetInt32(5),
        Error = row.GetText(6),
        MinerTerminated = row.GetBoolean(7),
        StartedAt = row.IsDBNull(8) ? null : row.GetTime(8),
        FinishedAt = row.IsDBNull(9) ? null : row.GetTime(9),
    };

    private static void StoreConfig(SqliteSession session, LaunchConfigSnapshot config) => session.Execute(
        """
        INSERT INTO launch_configs (config_id, version, due_at, ended_at, data) VALUES (@id, @version, @due, @ended, @data)
        ON CONFLICT (config_id) DO UPDATE SET
            version = excluded.version, due_at = excluded.due_at, ended_at = coalesce(excluded.ended_at, launch_configs.ended_at), data = excluded.data
        """,
        ("@id", config.ConfigId.ToBlob()),
        ("@version", config.Version),
        ("@due", LaunchLifecycle.DueAt(config)?.ToUnixTimeMilliseconds()),
        ("@ended", config.EndedAt?.ToUnixTimeMilliseconds()),
        ("@data", StoredJson.Write(config)));

    private static void StoreProgress(SqliteSession session, StoredChuteJob job) => session.Execute(
        """
        UPDATE chute_jobs SET
            racers = @racers, config_id = @config, instance_id = @instance, miner_hotkey = @hotkey, status = @status,
            error = @error, miner_terminated = @terminated, started_at = @started, finished_at = @finished
        WHERE job_id = @id
        """,
        ("@racers", JsonSerializer.SerializeToUtf8Bytes(job.Racers, StorageJson.Default.ImmutableArrayString)),
        ("@config", job.ConfigId?.ToBlob()),
        ("@instance", job.InstanceId?.ToBlob()),
        ("@hotkey", job.MinerHotkey),
        ("@status", (int)job.Status),
        ("@error", job.Error),
        ("@terminated", job.MinerTerminated),
        ("@started", job.StartedAt?.ToUnixTimeMilliseconds()),
        ("@finished", job.FinishedAt?.ToUnixTimeMilliseconds()),
        ("@id", job.Job.JobId));

    private static void StoreInstance(SqliteSession session, StoredChuteInstance instance, bool isNew)
    {
        var shown = instance.Shown;
        session.Execute(
            Instance,
            ("@id", shown.InstanceId.ToBlob()),
            ("@chute", shown.ChuteId),
            ("@config", shown.ConfigId?.ToBlob()),
            ("@host", LaunchKeys.Address(shown.Host)),
            ("@port", shown.Port),
            ("@hotkey", shown.MinerHotkey),
            ("@uid", shown.MinerUid),
            ("@version", shown.Version),
            ("@serves", shown is { Active: true, Verified: true }),
            ("@stages", (int)instance.Stages),
            ("@expires", instance.ExpiresAt?.ToUnixTimeMilliseconds()),
            ("@created", shown.CreatedAt.ToUnixTimeMilliseconds()),
            ("@verified", shown.VerifiedAt?.ToUnixTimeMilliseconds()),
            ("@activated", shown.ActivatedAt?.ToUnixTimeMilliseconds()),
            ("@key", instance.SymmetricKey),
            ("@data", StoredJson.Write(shown)));
        foreach (var gpu in isNew ? shown.Gpus.Distinct(StringComparer.Ordinal) : [])
        {
            session.Execute(
                "INSERT INTO chute_instance_gpus (gpu_uuid, instance_id) VALUES (@uuid, @id)",
                ("@uuid", gpu),
                ("@id", shown.InstanceId.ToBlob()));
        }
    }
}
