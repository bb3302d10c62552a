using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresChuteAudit(PostgresDatabase database) : IChuteAudit
{
    /// <inheritdoc/>
    /// <remarks>What another silo is removing is passed over.</remarks>
    public Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.ExecuteAsync(
        """
        DELETE FROM chute_audit WHERE instance_id IN (
            SELECT instance_id FROM chute_audit WHERE deleted_at < @before ORDER BY deleted_at LIMIT @limit FOR UPDATE SKIP LOCKED)
        """,
        cancellationToken,
        ("before", before.ToUniversalTime()),
        ("limit", limit));
}
