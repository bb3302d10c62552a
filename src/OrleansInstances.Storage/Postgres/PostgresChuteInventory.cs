using Npgsql;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresChuteInventory(PostgresDatabase database) : IChuteInventory
{
    // Rows of one table are taken in the order of their keys, and jobs after their chutes as launches take them, so that two
    // at once don't wait for each other.
    private const string SaveMiners = """
        INSERT INTO chute_miners (hotkey, data) SELECT * FROM unnest(@keys, @data) AS row (key, data) ORDER BY key COLLATE "C"
        ON CONFLICT (hotkey) DO UPDATE SET data = excluded.data
        """;

    private const string SaveChutes = """
        INSERT INTO chutes (chute_id, data) SELECT * FROM unnest(@keys, @data) AS row (key, data) ORDER BY key COLLATE "C"
        ON CONFLICT (chute_id) DO UPDATE SET data = excluded.data
        """;

    private const string SaveGpus = """
        INSERT INTO chute_gpus (uuid, miner_hotkey, data) SELECT * FROM unnest(@keys, @miners, @data) AS row (key, miner, data) ORDER BY key COLLATE "C"
        ON CONFLICT (uuid) DO UPDATE SET miner_hotkey = excluded.miner_hotkey, data = excluded.data
        """;

    private const string SaveJobs = """
        INSERT INTO chute_jobs (job_id, chute_id, data) SELECT * FROM unnest(@keys, @chutes, @data) AS row (key, chute, data) ORDER BY key COLLATE "C"
        ON CONFLICT (job_id) DO UPDATE SET chute_id = excluded.chute_id, data = excluded.data
        """;

    // What is referred to is held, so that it is not deleted before this is stored.
    private const string HoldMiners = "SELECT hotkey FROM chute_miners WHERE hotkey = ANY(@keys) ORDER BY hotkey FOR KEY SHARE";

    private const string HoldChutes = "SELECT chute_id FROM chutes WHERE chute_id = ANY(@keys) ORDER BY chute_id FOR KEY SHARE";

    public Task<MissingReference?> SaveAsync(ChuteInventory inventory, CancellationToken cancellationToken) => database.WriteAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync();
            var missing = await FirstMissingAsync(connection, HoldMiners, inventory.GpusOfOthers)
                ?? await FirstMissingAsync(connection, HoldChutes, inventory.JobsOfOthers);
            if (missing is not null)
            {
                return missing;
            }

            await SaveAsync(connection, SaveMiners, inventory.Miners, miner => miner.Hotkey);
            await SaveAsync(connection, SaveChutes, inventory.Chutes, chute => chute.ChuteId);
            await SaveAsync(connection, SaveGpus, inventory.Gpus, gpu => gpu.Uuid, ("miners", inventory.Gpus.Select(gpu => gpu.MinerHotkey).ToArray()));
            await SaveAsync(connection, SaveJobs, inventory.Jobs, job => job.JobId, ("chutes", inventory.Jobs.Select(job => job.ChuteId).ToArray()));
            await transaction.CommitAsync();
            return null;
        },
        cancellationToken);

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
    /// <remarks>Nobody refers to it anew while it is held. What instances refer to the tables themselves keep.</remarks>
    public Task<InventoryDeletion> DeleteAsync(ChuteInventoryKind kind, string key, CancellationToken cancellationToken)
    {
        var (table, column, isFree) = kind switch
        {
            ChuteInventoryKind.Miner => ("chute_miners", "hotkey", "NOT EXISTS (SELECT FROM chute_gpus WHERE miner_hotkey = @key)"),
            ChuteInventoryKind.Chute => ("chutes", "chute_id", "NOT EXISTS (SELECT FROM chute_jobs WHERE chute_id = @key)"),
            ChuteInventoryKind.Gpu => ("chute_gpus", "uuid", "true"),
            ChuteInventoryKind.Job => ("chute_jobs", "job_id", "(instance_id IS NULL OR finished_at IS NOT NULL)"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return database.WriteAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync();
                if (!await connection.FirstAsync($"SELECT true FROM {table} WHERE {column} = @key FOR UPDATE", row => row.GetBoolean(0), ("key", PostgresLaunchRows.Text(key))))
                {
                    return InventoryDeletion.NotFound;
                }

                try
                {
                    if (await connection.ExecuteAsync($"DELETE FROM {table} WHERE {column} = @key AND {isFree}", ("key", PostgresLaunchRows.Text(key))) == 0)
                    {
                        return InventoryDeletion.InUse;
                    }
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ForeignKeyViolation)
                {
                    return InventoryDeletion.InUse;
                }

                await transaction.CommitAsync();
                return InventoryDeletion.Deleted;
            },
            cancellationToken);
    }

    private static async Task<MissingReference?> FirstMissingAsync(NpgsqlConnection connection, string sql, IReadOnlyList<MissingReference> references)
    {
        if (references.Count == 0)
        {
            return null;
        }

        var keys = references.Select(reference => PostgresLaunchRows.Text(reference.Missing)).Distinct().ToArray();
        var found = (await connection.ListAsync(sql, row => row.GetString(0), ("keys", keys))).ToHashSet(StringComparer.Ordinal);
        return references.FirstOrDefault(reference => !found.Contains(reference.Missing));
    }

    private static async Task SaveAsync<T>(
        NpgsqlConnection connection, string sql, IReadOnlyCollection<T> all, Func<T, string> keyOf, params (string Name, object? Value)[] more)
    {
        if (all.Count > 0)
        {
            await connection.ExecuteAsync(sql, [("keys", all.Select(keyOf).ToArray()), ("data", all.Select(one => StoredJson.Write(one)).ToArray()), .. more]);
        }
    }

    private Task<T?> FindAsync<T>(string sql, Func<NpgsqlDataReader, T> map, string key, CancellationToken cancellationToken) =>
        database.FirstAsync(sql, map, cancellationToken, ("key", PostgresLaunchRows.Text(key)));

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, string? after, int limit, CancellationToken cancellationToken) =>
        await database.ListAsync(sql, map, cancellationToken, ("after", PostgresLaunchRows.Text(after) ?? ""), ("limit", limit));
}
