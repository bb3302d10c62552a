using Microsoft.Data.Sqlite;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteChuteInventory(SqliteDatabase database) : IChuteInventory
{
    public Task<MissingReference?> SaveAsync(ChuteInventory inventory, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var missing = inventory.GpusOfOthers.FirstOrDefault(gpu => !Has(session, "chute_miners", "hotkey", gpu.Missing))
                ?? inventory.JobsOfOthers.FirstOrDefault(job => !Has(session, "chutes", "chute_id", job.Missing));
            if (missing is not null)
            {
                return missing;
            }

            foreach (var miner in inventory.Miners)
            {
                Save(session, "chute_miners", "hotkey", miner.Hotkey, StoredJson.Write(miner));
            }

            foreach (var chute in inventory.Chutes)
            {
                Save(session, "chutes", "chute_id", chute.ChuteId, StoredJson.Write(chute));
            }

            foreach (var gpu in inventory.Gpus)
            {
                session.Execute(
                    """
                    INSERT INTO chute_gpus (uuid, miner_hotkey, data) VALUES (@key, @miner, @data)
                    ON CONFLICT (uuid) DO UPDATE SET miner_hotkey = excluded.miner_hotkey, data = excluded.data
                    """,
                    ("@key", gpu.Uuid),
                    ("@miner", gpu.MinerHotkey),
                    ("@data", StoredJson.Write(gpu)));
            }

            foreach (var job in inventory.Jobs)
            {
                session.Execute(
                    """
                    INSERT INTO chute_jobs (job_id, chute_id, data) VALUES (@key, @chute, @data)
                    ON CONFLICT (job_id) DO UPDATE SET chute_id = excluded.chute_id, data = excluded.data
                    """,
                    ("@key", job.JobId),
                    ("@chute", job.ChuteId),
                    ("@data", StoredJson.Write(job)));
            }

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
        FindAsync($"SELECT {SqliteLaunchRows.JobColumns} FROM chute_jobs WHERE job_id = @key", SqliteLaunchRows.ReadJob, jobId, cancellationToken);

    public Task<IReadOnlyList<ChuteMiner>> ListMinersAsync(string? after, int limit, CancellationToken cancellationToken) =>
        ListAsync("SELECT data FROM chute_miners WHERE hotkey > @after ORDER BY hotkey LIMIT @limit", StoredJson.Read<ChuteMiner>, after, limit, cancellationToken);

    public Task<IReadOnlyList<Chute>> ListChutesAsync(string? after, int limit, CancellationToken cancellationToken) =>
        ListAsync("SELECT data FROM chutes WHERE chute_id > @after ORDER BY chute_id LIMIT @limit", StoredJson.Read<Chute>, after, limit, cancellationToken);

    public Task<IReadOnlyList<ChuteGpu>> ListGpusAsync(string? after, int limit, CancellationToken cancellationToken) =>
        ListAsync("SELECT data FROM chute_gpus WHERE uuid > @after ORDER BY uuid LIMIT @limit", StoredJson.Read<ChuteGpu>, after, limit, cancellationToken);

    public Task<IReadOnlyList<StoredChuteJob>> ListJobsAsync(string? after, int limit, CancellationToken cancellationToken) => ListAsync(
        $"SELECT {SqliteLaunchRows.JobColumns} FROM chute_jobs WHERE job_id > @after ORDER BY job_id LIMIT @limit", SqliteLaunchRows.ReadJob, after, limit, cancellationToken);

    public Task<InventoryDeletion> DeleteAsync(ChuteInventoryKind kind, string key, CancellationToken cancellationToken)
    {
        var (table, column, isFree) = kind switch
        {
            ChuteInventoryKind.Miner => (
                "chute_miners",
                "hotkey",
                "NOT EXISTS (SELECT 1 FROM chute_gpus WHERE miner_hotkey = @key) AND NOT EXISTS (SELECT 1 FROM chute_instances WHERE miner_hotkey = @key)"),
            ChuteInventoryKind.Chute => (
                "chutes",
                "chute_id",
                "NOT EXISTS (SELECT 1 FROM chute_jobs WHERE chute_id = @key) AND NOT EXISTS (SELECT 1 FROM chute_instances WHERE chute_id = @key)"),
            ChuteInventoryKind.Gpu => ("chute_gpus", "uuid", "NOT EXISTS (SELECT 1 FROM chute_instance_gpus WHERE gpu_uuid = @key)"),
            ChuteInventoryKind.Job => ("chute_jobs", "job_id", "(instance_id IS NULL OR finished_at IS NOT NULL)"),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return database.WriteAsync(
            session => session.Execute($"DELETE FROM {table} WHERE {column} = @key AND {isFree}", ("@key", key)) == 1 ? InventoryDeletion.Deleted
                : Has(session, table, column, key) ? InventoryDeletion.InUse
                : InventoryDeletion.NotFound,
            cancellationToken);
    }

    private static bool Has(SqliteSession session, string table, string column, string key) =>
        session.Scalar($"SELECT 1 FROM {table} WHERE {column} = @key", ("@key", key)) is not null;

    private static void Save(SqliteSession session, string table, string column, string key, byte[] data) => session.Execute(
        $"INSERT INTO {table} ({column}, data) VALUES (@key, @data) ON CONFLICT ({column}) DO UPDATE SET data = excluded.data",
        ("@key", key),
        ("@data", data));

    private Task<T?> FindAsync<T>(string sql, Func<SqliteDataReader, T> map, string key, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.First(sql, map, ("@key", key)), cancellationToken);

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        string sql, Func<SqliteDataReader, T> map, string? after, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(session => session.List(sql, map, ("@after", after ?? ""), ("@limit", limit)), cancellationToken);
}
