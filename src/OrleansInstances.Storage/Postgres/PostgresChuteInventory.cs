using Npgsql;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresChuteInventory(PostgresDatabase database) : IChuteInventory
{
    /// <summary>One statement, and so all or nothing. Rows of one table are taken in the order of their keys, so that two at once don't wait for each other.</summary>
    private const string Save = """
        WITH miners AS (
            INSERT INTO chute_miners (hotkey, data) SELECT * FROM unnest(@miners, @miner_data) AS row (key, data) ORDER BY key COLLATE "C"
            ON CONFLICT (hotkey) DO UPDATE SET data = excluded.data
        ), chutes AS (
            INSERT INTO chutes (chute_id, data) SELECT * FROM unnest(@chutes, @chute_data) AS row (key, data) ORDER BY key COLLATE "C"
            ON CONFLICT (chute_id) DO UPDATE SET data = excluded.data
        ), gpus AS (
            INSERT INTO chute_gpus (uuid, data) SELECT * FROM unnest(@gpus, @gpu_data) AS row (key, data) ORDER BY key COLLATE "C"
            ON CONFLICT (uuid) DO UPDATE SET data = excluded.data
        )
        INSERT INTO chute_jobs (job_id, chute_id, data) SELECT * FROM unnest(@jobs, @job_chutes, @job_data) AS row (key, chute, data) ORDER BY key COLLATE "C"
        ON CONFLICT (job_id) DO UPDATE SET chute_id = excluded.chute_id, data = excluded.data
        """;

    public Task SaveAsync(ChuteInventory inventory, CancellationToken cancellationToken) => database.ExecuteAsync(
        Save,
        cancellationToken,
        ("miners", inventory.Miners.Select(miner => miner.Hotkey).ToArray()),
        ("miner_data", inventory.Miners.Select(miner => StoredJson.Write(miner)).ToArray()),
        ("chutes", inventory.Chutes.Select(chute => chute.ChuteId).ToArray()),
        ("chute_data", inventory.Chutes.Select(chute => StoredJson.Write(chute)).ToArray()),
        ("gpus", inventory.Gpus.Select(gpu => gpu.Uuid).ToArray()),
        ("gpu_data", inventory.Gpus.Select(gpu => StoredJson.Write(gpu)).ToArray()),
        ("jobs", inventory.Jobs.Select(job => job.JobId).ToArray()),
        ("job_chutes", inventory.Jobs.Select(job => job.ChuteId).ToArray()),
        ("job_data", inventory.Jobs.Select(job => StoredJson.Write(job)).ToArray()));

    public Task<ChuteMiner?> FindMinerAsync(string hotkey, CancellationToken cancellationToken) =>
        FindAsync("SELECT data FROM chute_miners WHERE hotkey = @key", StoredJson.Read<ChuteMiner>, hotkey, cancellationToken);

    public Task<Chute?> FindChuteAsync(string chuteId, CancellationToken cancellationToken) =>
        FindAsync("SELECT data FROM chutes WHERE chute_id = @key", StoredJson.Read<Chute>, chuteId, cancellationToken);

    public Task<ChuteGpu?> FindGpuAsync(string uuid, CancellationToken cancellationToken) =>
        FindAsync("SELECT data FROM chute_gpus WHERE uuid = @key", StoredJson.Read<ChuteGpu>, uuid, cancellationToken);

    public Task<StoredChuteJob?> FindJobAsync(string jobId, CancellationToken cancellationToken) =>
        FindAsync($"SELECT {PostgresLaunchRows.JobColumns} FROM chute_jobs WHERE job_id = @key", PostgresLaunchRows.ReadJob, jobId, cancellationToken);

    public Task<IReadOnlyList<ChuteMiner>> ListMinersAsync(string? after, int limit, CancellationToken cancellationToken) =>
        ListAsync("SELECT data FROM chute_miners WHERE hotkey > @after ORDER BY hotkey LIMIT @limit", StoredJson.Read<ChuteMiner>, after, limit, cancellationToken);

    public Task<IReadOnlyList<Chute>> ListChutesAsync(string? after, int limit, CancellationToken cancellationToken) =>
        ListAsync("SELECT data FROM chutes WHERE chute_id > @after ORDER BY chute_id LIMIT @limit", StoredJson.Read<Chute>, after, limit, cancellationToken);

    public Task<IReadOnlyList<ChuteGpu>> ListGpusAsync(string? after, int limit, CancellationToken cancellationToken) =>
        ListAsync("SELECT data FROM chute_gpus WHERE uuid > @after ORDER BY uuid LIMIT @limit", StoredJson.Read<ChuteGpu>, after, limit, cancellationToken);

    public Task<IReadOnlyList<StoredChuteJob>> ListJobsAsync(string? after, int limit, CancellationToken cancellationToken) => ListAsync(
        $"SELECT {PostgresLaunchRows.JobColumns} FROM chute_jobs WHERE job_id > @after ORDER BY job_id LIMIT @limit", PostgresLaunchRows.ReadJob, after, limit, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>What instances refer to the tables themselves keep.</remarks>
    public async Task<bool> DeleteAsync(ChuteInventoryKind kind, string key, CancellationToken cancellationToken)
    {
        var sql = kind switch
        {
            ChuteInventoryKind.Miner => "DELETE FROM chute_miners WHERE hotkey = @key",
            ChuteInventoryKind.Chute => "DELETE FROM chutes WHERE chute_id = @key",
            ChuteInventoryKind.Gpu => "DELETE FROM chute_gpus WHERE uuid = @key",
            ChuteInventoryKind.Job => "DELETE FROM chute_jobs WHERE job_id = @key AND (instance_id IS NULL OR finished_at IS NOT NULL)",
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        try
        {
            return await database.ExecuteAsync(sql, cancellationToken, ("key", PostgresLaunchRows.Text(key))) == 1;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return false;
        }
    }

    private Task<T?> FindAsync<T>(string sql, Func<NpgsqlDataReader, T> map, string key, CancellationToken cancellationToken) =>
        database.FirstAsync(sql, map, cancellationToken, ("key", PostgresLaunchRows.Text(key)));

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, string? after, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(sql, map, cancellationToken, ("after", PostgresLaunchRows.Text(after) ?? ""), ("limit", limit));
}
