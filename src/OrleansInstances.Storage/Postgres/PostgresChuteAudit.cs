using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Postgres;

/// <inheritdoc/>
/// <remarks>What another silo is removing is passed over.</remarks>
internal sealed class PostgresChuteAudit(PostgresDatabase database) : IChuteAudit
{
    private const string Instances = """
        DELETE FROM chute_audit WHERE instance_id IN (
            SELECT instance_id FROM chute_audit WHERE deleted_at < @before ORDER BY deleted_at LIMIT @limit FOR UPDATE SKIP LOCKED)
        """;

    private const string Configs = """
        DELETE FROM launch_configs WHERE config_id IN (
            SELECT config_id FROM launch_configs WHERE ended_at < @before ORDER BY ended_at LIMIT @limit FOR UPDATE SKIP LOCKED)
        """;

    public Task<int> ForgetInstancesAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ForgetAsync(Instances, before, limit, cancellationToken);

    public Task<int> ForgetConfigsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        ForgetAsync(Configs, before, limit, cancellationToken);

    private Task<int> ForgetAsync(string delete, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.ExecuteAsync(delete, cancellationToken, ("before", before.ToUniversalTime()), ("limit", limit));
}
