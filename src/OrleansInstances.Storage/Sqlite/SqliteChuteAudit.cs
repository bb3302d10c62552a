using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteChuteAudit(SqliteDatabase database) : IChuteAudit
{
    private const string Instances =
        "DELETE FROM chute_audit WHERE instance_id IN (SELECT instance_id FROM chute_audit WHERE deleted_at < @before ORDER BY deleted_at LIMIT @limit)";

    private const string Configs =
        "DELETE FROM launch_configs WHERE config_id IN (SELECT config_id FROM launch_configs WHERE ended_at < @before ORDER BY ended_at LIMIT @limit)";

    public Task<int> ForgetInstancesAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ForgetAsync(Instances, before, limit, cancellationToken);

    public Task<int> ForgetConfigsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ForgetAsync(Configs, before, limit, cancellationToken);

    private Task<int> ForgetAsync(string delete, DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.WriteAsync(
        session => session.Execute(delete, ("@before", before.ToUnixTimeMilliseconds()), ("@limit", limit)), cancellationToken);
}
