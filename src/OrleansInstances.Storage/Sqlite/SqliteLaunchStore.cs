using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>The one writer of the file decides one question after the other.</summary>
internal sealed class SqliteLaunchStore(SqliteDatabase database) : ILaunchStore
{
    private const string UnfinishedInstances = """
        SELECT instance_id FROM chute_instances WHERE noted <> stages
        UNION
        SELECT instance_id FROM chute_instances WHERE expires_at <= @now
        UNION
        SELECT instance_id FROM chute_endings
        ORDER BY 1 LIMIT @limit
        """;

    public Task<LaunchOutcome> DecideAsync(LaunchQuestion question, Func<LaunchFacts, LaunchDecision> decide) => database.WriteAsync(session =>
    {
        var facts = SqliteLaunchRows.Read(session, question);
        var outcome = new LaunchOutcome(facts, decide(facts));
        SqliteLaunchRows.Store(session, outcome);
        return outcome;
    });

    public Task<LaunchConfigSnapshot?> FindConfigAsync(Guid configId) =>
        database.ReadAsync(session => SqliteLaunchRows.FindConfig(session, configId));

    public Task<ChuteInstanceWork?> FindWorkAsync(Guid instanceId) => database.ReadAsync(session =>
        session.First(
            "SELECT data, symmetric_key, noted FROM chute_instances WHERE instance_id = @id",
            row => new ChuteInstanceWork(SqliteLaunchRows.ReadInstance(row), (ChuteInstanceStages)row.GetInt32(2), Ending: null),
            ("@id", instanceId.ToBlob()))
        ?? session.First(
            "SELECT data, NULL, type, reason, at FROM chute_endings WHERE instance_id = @id",
            row => new ChuteInstanceWork(
                SqliteLaunchRows.ReadInstance(row), ChuteInstanceStages.None, new ChuteInstanceEnding(row.GetString(2), row.GetString(3), row.GetTime(4))),
            ("@id", instanceId.ToBlob())));

    public Task<string?> FindGpuNameAsync(string uuid) => database.ReadAsync(session => session.First(
        "SELECT data FROM chute_gpus WHERE uuid = @uuid",
        row => StoredJson.Read<ChuteGpu>(row).Name,
        ("@uuid", uuid)));

    public Task MarkNotedAsync(Guid instanceId, ChuteInstanceStages stages) => database.WriteAsync(session => session.Execute(
        "UPDATE chute_instances SET noted = noted | @stages WHERE instance_id = @id",
        ("@stages", (int)stages),
        ("@id", instanceId.ToBlob())));

    public Task ForgetAsync(Guid instanceId) => database.WriteAsync(session => session.Execute(
        "DELETE FROM chute_endings WHERE instance_id = @id", ("@id", instanceId.ToBlob())));

    public Task<LaunchesToWake> FindUnfinishedAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => database.ReadAsync(
        session => new LaunchesToWake(
            session.List(
                "SELECT config_id FROM launch_configs WHERE due_at <= @now ORDER BY due_at LIMIT @limit",
                row => row.GetId(0),
                ("@now", now.ToUnixTimeMilliseconds()),
                ("@limit", limit)),
            session.List(UnfinishedInstances, row => row.GetId(0), ("@now", now.ToUnixTimeMilliseconds()), ("@limit", limit))),
        cancellationToken);
}
