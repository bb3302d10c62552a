using Npgsql;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Storage.Postgres;

/// <summary>
/// A question is decided while its chute's row is held. What is shared between chutes (GPUs, addresses) is kept single by
/// the tables: whoever comes second decides again, on what the first one left.
/// </summary>
internal sealed class PostgresLaunchStore(PostgresDatabase database) : ILaunchStore
{
    private const int MaxAttempts = 10;

    private const string UnfinishedInstances = """
        SELECT instance_id FROM chute_instances WHERE noted <> stages
        UNION
        SELECT instance_id FROM chute_instances WHERE expires_at <= @now
        UNION
        SELECT instance_id FROM chute_endings
        ORDER BY 1 LIMIT @limit
        """;

    /// <exception cref="StorageOverloadedException">Others were quicker every time; nothing was done.</exception>
    public async Task<LaunchOutcome> DecideAsync(LaunchQuestion question, Func<LaunchFacts, LaunchDecision> decide)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var outcome = await database.WriteAsync(connection => TryDecideAsync(connection, question, decide), CancellationToken.None);
            if (outcome is not null)
            {
                return outcome;
            }
        }

        throw new StorageOverloadedException("Too many launches want the same at once.");
    }

    public Task<LaunchConfigSnapshot?> FindConfigAsync(Guid configId) =>
        database.FirstAsync(PostgresLaunchRows.SelectConfig, StoredJson.Read<LaunchConfigSnapshot>, CancellationToken.None, ("id", configId))!;

    public async Task<ChuteInstanceWork?> FindWorkAsync(Guid instanceId) =>
        await database.FirstAsync(
            "SELECT data, symmetric_key, noted FROM chute_instances WHERE instance_id = @id",
            row => new ChuteInstanceWork(PostgresLaunchRows.ReadInstance(row), (ChuteInstanceStages)row.GetInt32(2), Ending: null),
            CancellationToken.None,
            ("id", instanceId))
        ?? await database.FirstAsync(
            "SELECT data, NULL::text, type, reason, at FROM chute_endings WHERE instance_id = @id",
            row => new ChuteInstanceWork(
                PostgresLaunchRows.ReadInstance(row), ChuteInstanceStages.None, new ChuteInstanceEnding(row.GetString(2), row.GetString(3), row.GetTime(4))),
            CancellationToken.None,
            ("id", instanceId));

    public Task<string?> FindGpuNameAsync(string uuid) => database.FirstAsync(
        "SELECT data FROM chute_gpus WHERE uuid = @uuid",
        row => StoredJson.Read<ChuteGpu>(row).Name,
        CancellationToken.None,
        ("uuid", PostgresLaunchRows.Text(uuid)));

    public Task MarkNotedAsync(Guid instanceId, ChuteInstanceStages stages) => database.ExecuteAsync(
        "UPDATE chute_instances SET noted = noted | @stages WHERE instance_id = @id", CancellationToken.None, ("stages", (int)stages), ("id", instanceId));

    public Task ForgetAsync(Guid instanceId) =>
        database.ExecuteAsync("DELETE FROM chute_endings WHERE instance_id = @id", CancellationToken.None, ("id", instanceId));

    public async Task<LaunchesToWake> FindUnfinishedAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => new(
        await database.ListAsync(
            "SELECT config_id FROM launch_configs WHERE due_at <= @now ORDER BY due_at LIMIT @limit",
            row => row.GetGuid(0),
            cancellationToken,
            ("now", now.ToUniversalTime()),
            ("limit", limit)),
        await database.ListAsync(
            UnfinishedInstances, row => row.GetGuid(0), cancellationToken, ("now", now.ToUniversalTime()), ("limit", limit)));

    /// <summary>Null when somebody else was quicker.</summary>
    private static async Task<LaunchOutcome?> TryDecideAsync(NpgsqlConnection connection, LaunchQuestion question, Func<LaunchFacts, LaunchDecision> decide)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            var facts = await PostgresLaunchRows.ReadAsync(connection, question);
            var outcome = new LaunchOutcome(facts, decide(facts));
            if (!await PostgresLaunchRows.StoreAsync(connection, outcome))
            {
                return null;
            }

            await transaction.CommitAsync();
            return outcome;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.ForeignKeyViolation)
        {
            return null;
        }
    }
}
