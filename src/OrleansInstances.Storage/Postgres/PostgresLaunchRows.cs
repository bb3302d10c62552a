using System.Collections.Immutable;
using Npgsql;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Postgres;

/// <summary>The rows of launches, within a transaction.</summary>
internal static class PostgresLaunchRows
{
    public const string SelectConfig = "SELECT data FROM launch_configs WHERE config_id = @id";

    public const string JobColumns =
        "data, racers, config_id, instance_id, miner_hotkey, status, error, miner_terminated, started_at, finished_at";

    private const string Population = """
        SELECT count(*)::integer, count(*) FILTER (WHERE serves)::integer, count(*) FILTER (WHERE miner_hotkey = @hotkey)::integer
        FROM chute_instances WHERE chute_id = @chute
        """;

    private const string Gpus = """
        SELECT gpu.data, held.instance_id FROM unnest(@uuids) WITH ORDINALITY AS asked (uuid, place)
        JOIN chute_gpus AS gpu ON gpu.uuid = asked.uuid
        LEFT JOIN chute_instance_gpus AS held ON held.gpu_uuid = gpu.uuid
        ORDER BY place
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

    /// <summary>Holds the chute first, then the instance; whatever is read after that is as the last holder left it.</summary>
    public static async Task<LaunchFacts> ReadAsync(NpgsqlConnection connection, LaunchQuestion question)
    {
        if (question.ChuteId is null)
        {
            var before = await ReadConfigAsync(connection, question);
            var instanceBefore = await ReadInstanceAsync(connection, LaunchKeys.InstanceOf(question, before), hold: false);
            await HoldAsync(connection, LaunchKeys.Of(question, before, instanceBefore?.Shown).ChuteId);
        }
        else
        {
            await HoldAsync(connection, question.ChuteId);
        }

        var config = await ReadConfigAsync(connection, question);
        var instance = await ReadInstanceAsync(connection, LaunchKeys.InstanceOf(question, config), hold: true);
        var keys = LaunchKeys.Of(question, config, instance?.Shown);
        return new LaunchFacts
        {
            Config = config,
            Instance = instance,
            Chute = await connection.FirstAsync("SELECT data FROM chutes WHERE chute_id = @id", StoredJson.Read<Chute>, ("id", Text(keys.ChuteId))),
            Miner = await connection.FirstAsync("SELECT data FROM chute_miners WHERE hotkey = @id", StoredJson.Read<ChuteMiner>, ("id", Text(keys.Hotkey))),
            Job = await connection.FirstAsync($"SELECT {JobColumns} FROM chute_jobs WHERE job_id = @id", ReadJob, ("id", Text(keys.JobId))),
            Population = await connection.FirstAsync(
                Population,
                row => new ChutePopulation(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2)),
                ("chute", Text(keys.ChuteId)),
                ("hotkey", Text(keys.Hotkey))),
            Gpus = await ReadGpusAsync(connection, keys.Gpus),
            AddressTaken = question.Host is { } host && await connection.FirstAsync(
                "SELECT true FROM chute_instances WHERE host = @host AND port = @port",
                row => row.GetBoolean(0),
                ("host", Text(LaunchKeys.Address(host))),
                ("port", question.Port)),
        };
    }

    /// <returns>False when another version of the config is stored than the one that was decided on.</returns>
    public static async Task<bool> StoreAsync(NpgsqlConnection connection, LaunchOutcome outcome)
    {
        var (facts, decision) = outcome;
        if (decision.Config is { } config && !await StoreConfigAsync(connection, config))
        {
            return false;
        }

        if (decision.Job is { } job)
        {
            await StoreProgressAsync(connection, job);
        }

        if (decision.Instance is { } instance)
        {
            await StoreInstanceAsync(connection, instance, isNew: facts.Instance is null);
        }

        if (decision.Ending is { } ending && facts.Instance is { } ended)
        {
            await connection.ExecuteAsync(
                "UPDATE chute_instances SET end_type = @type, end_reason = @reason, ended_at = @at WHERE instance_id = @id",
                ("type", ending.Type),
                ("reason", Text(ending.Reason)),
                ("at", ending.At.ToUniversalTime()),
                ("id", ended.Shown.InstanceId));
            await connection.ExecuteAsync("DELETE FROM chute_instances WHERE instance_id = @id", ("id", ended.Shown.InstanceId));
        }

        return true;
    }

    public static StoredChuteInstance ReadInstance(NpgsqlDataReader row) => new(
        StoredJson.Read<ChuteInstanceSnapshot>(row), row.GetText(1));

    public static StoredChuteJob ReadJob(NpgsqlDataReader row) => new()
    {
        Job = StoredJson.Read<ChuteJob>(row),
        Racers = [.. row.GetFieldValue<string[]>(1)],
        ConfigId = row.IsDBNull(2) ? null : row.GetGuid(2),
        InstanceId = row.IsDBNull(3) ? null : row.GetGuid(3),
        MinerHotkey = row.GetText(4),
        Status = (ChuteJobStatus)row.GetInt32(5),
        Error = row.GetText(6),
        MinerTerminated = row.GetBoolean(7),
        StartedAt = row.IsDBNull(8) ? null : row.GetTime(8),
        FinishedAt = row.IsDBNull(9) ? null : row.GetTime(9),
    };

    /// <summary>PostgreSQL's texts can't hold U+0000; nothing that is looked for has it.</summary>
    public static string? Text(string? text) => text?.Replace('\0', '\uFFFD');

    private static Task HoldAsync(NpgsqlConnection connection, string? chuteId) =>
        connection.ExecuteAsync("SELECT FROM chutes WHERE chute_id = @id FOR NO KEY UPDATE", ("id", Text(chuteId)));

    private static async Task<LaunchConfigSnapshot?> ReadConfigAsync(NpgsqlConnection connection, LaunchQuestion question) =>
        question.ConfigId is { } id ? await connection.FirstAsync(SelectConfig, StoredJson.Read<LaunchConfigSnapshot>, ("id", id)) : null;

    private static async Task<StoredChuteInstance?> ReadInstanceAsync(NpgsqlConnection connection, Guid? instanceId, bool hold) => instanceId is { } id
        ? await connection.FirstAsync($"SELECT data, symmetric_key FROM chute_instances WHERE instance_id = @id {(hold ? "FOR UPDATE" : "")}", ReadInstance, ("id", id))
        : null;

    private static async Task<ImmutableArray<HeldGpu>> ReadGpusAsync(NpgsqlConnection connection, ImmutableArray<string> uuids)
    {
        var held = await connection.ListAsync(
            Gpus, row => new HeldGpu(StoredJson.Read<ChuteGpu>(row), row.IsDBNull(1) ? null : row.GetGuid(1)), ("uuids", uuids.Select(Text).ToArray()));
        return [.. held];
    }

    /// <summary>Another version than the one before this is not replaced.</summary>
    private static async Task<bool> StoreConfigAsync(NpgsqlConnection connection, LaunchConfigSnapshot config) => await connection.ExecuteAsync(
        """
        INSERT INTO launch_configs (config_id, version, due_at, ended_at, data) VALUES (@id, @version, @due, @ended, @data)
        ON CONFLICT (config_id) DO UPDATE SET
            version = excluded.version, due_at = excluded.due_at, ended_at = coalesce(excluded.ended_at, launch_configs.ended_at), data = excluded.data
        WHERE launch_configs.version = excluded.version - 1
        """,
        ("id", config.ConfigId),
        ("version", config.Version),
        ("due", LaunchLifecycle.DueAt(config)?.ToUniversalTime()),
        ("ended", config.EndedAt?.ToUniversalTime()),
        ("data", StoredJson.Write(config))) == 1;

    private static Task StoreProgressAsync(NpgsqlConnection connection, StoredChuteJob job) => connection.ExecuteAsync(
        """
        UPDATE chute_jobs SET
            racers = @racers, config_id = @config, instance_id = @instance, miner_hotkey = @hotkey, status = @status,
            error = @error, miner_terminated = @terminated, started_at = @started, finished_at = @finished
        WHERE job_id = @id
        """,
        ("racers", job.Racers.ToArray()),
        ("config", job.ConfigId),
        ("instance", job.InstanceId),
        ("hotkey", job.MinerHotkey),
        ("status", (int)job.Status),
        ("error", job.Error),
        ("terminated", job.MinerTerminated),
        ("started", job.StartedAt?.ToUniversalTime()),
        ("finished", job.FinishedAt?.ToUniversalTime()),
        ("id", job.Job.JobId));

    private static async Task StoreInstanceAsync(NpgsqlConnection connection, StoredChuteInstance instance, bool isNew)
    {
        var shown = instance.Shown;
        await connection.ExecuteAsync(
            Instance,
            ("id", shown.InstanceId),
            ("chute", shown.ChuteId),
            ("config", shown.ConfigId),
            ("host", Text(LaunchKeys.Address(shown.Host))),
            ("port", shown.Port),
            ("hotkey", shown.MinerHotkey),
            ("uid", shown.MinerUid),
            ("version", shown.Version),
            ("serves", shown is { Active: true, Verified: true }),
            ("stages", (int)instance.Stages),
            ("expires", instance.ExpiresAt?.ToUniversalTime()),
            ("created", shown.CreatedAt.ToUniversalTime()),
            ("verified", shown.VerifiedAt?.ToUniversalTime()),
            ("activated", shown.ActivatedAt?.ToUniversalTime()),
            ("key", instance.SymmetricKey),
            ("data", StoredJson.Write(shown)));
        if (isNew)
        {
            // In one order, so that two that want the same ones don't wait for each other.
            await connection.ExecuteAsync(
                "INSERT INTO chute_instance_gpus (gpu_uuid, instance_id) SELECT uuid, @id FROM unnest(@uuids) AS uuid",
                ("id", shown.InstanceId),
                ("uuids", shown.Gpus.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray()));
        }
    }
}
