using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteChuteAudit(SqliteDatabase database) : IChuteAudit
{
    public Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => database.WriteAsync(
        session => session.Execute(
            "DELETE FROM chute_audit WHERE instance_id IN (SELECT instance_id FROM chute_audit WHERE deleted_at < @before ORDER BY deleted_at LIMIT @limit)",
            ("@before", before.ToUnixTimeMilliseconds()),
            ("@limit", limit)),
        cancellationToken);
}
