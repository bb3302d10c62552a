using Microsoft.Data.Sqlite;
using OrleansInstances.Storage.Idempotency;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteIdempotencyTable(SqliteDatabase database, TimeProvider time) : IIdempotencyTable
{
    private const string Reserve = """
        INSERT INTO idempotency_keys (key_id, request, body_hash, reservation, reserved_at)
        VALUES (@key, @request, @body_hash, @reservation, @now)
        ON CONFLICT (key_id, request) DO UPDATE SET
            body_hash = excluded.body_hash, reservation = excluded.reservation, reserved_at = excluded.reserved_at,
            status = NULL, content_type = NULL, location = NULL, body = NULL
        WHERE reserved_at <= @expired
        """;

    private const string Find = """
        SELECT body_hash, reservation, reserved_at, status, content_type, location, body FROM idempotency_keys
        WHERE key_id = @key AND request = @request
        """;

    private const string Mine = "key_id = @key AND request = @request AND reservation = @reservation AND status IS NULL";

    public Task<Reservation> ReserveAsync(IdempotentRequest request, ReadOnlyMemory<byte> bodyHash, CancellationToken cancellationToken)
    {
        IdempotencyRow.Check(bodyHash);
        var key = request.KeyId.ToBlob();
        var hash = request.Hash();
        return database.WriteAsync(
            session =>
            {
                var now = time.GetUtcNow();
                var reservation = Guid.NewGuid();
                var reserved = session.Execute(
                    Reserve,
                    ("@key", key),
                    ("@request", hash),
                    ("@body_hash", bodyHash.ToArray()),
                    ("@reservation", reservation.ToBlob()),
                    ("@now", now.ToUnixTimeMilliseconds()),
                    ("@expired", (now - IIdempotencyTable.Kept).ToUnixTimeMilliseconds()));
                return reserved == 1
                    ? new Reservation(ReservationKind.New, reservation)
                    : session.First(Find, row => Map(row, now), ("@key", key), ("@request", hash))!.To(bodyHash);
            },
            cancellationToken);
    }

    public Task<bool> FinishAsync(IdempotentRequest request, Guid reservation, StoredAnswer answer, CancellationToken cancellationToken)
    {
        IdempotencyRow.Check(answer);
        return ChangeAsync(
            $"UPDATE idempotency_keys SET status = @status, content_type = @content_type, location = @location, body = @body WHERE {Mine}",
            cancellationToken,
            ("@status", answer.Status),
            ("@content_type", answer.ContentType),
            ("@location", answer.Location),
            ("@body", answer.Body.ToArray()),
            ("@key", request.KeyId.ToBlob()),
            ("@request", request.Hash()),
            ("@reservation", reservation.ToBlob()));
    }

    public Task<bool> ReleaseAsync(IdempotentRequest request, Guid reservation, CancellationToken cancellationToken) => ChangeAsync(
        $"DELETE FROM idempotency_keys WHERE {Mine}",
        cancellationToken,
        ("@key", request.KeyId.ToBlob()),
        ("@request", request.Hash()),
        ("@reservation", reservation.ToBlob()));

    public Task<int> PruneAsync(int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.WriteAsync(
            session => session.Execute(
                """
                DELETE FROM idempotency_keys WHERE rowid IN (
                    SELECT rowid FROM idempotency_keys WHERE reserved_at <= @expired ORDER BY reserved_at LIMIT @limit)
                """,
                ("@expired", (time.GetUtcNow() - IIdempotencyTable.Kept).ToUnixTimeMilliseconds()),
                ("@limit", limit)),
            cancellationToken);
    }

    private Task<bool> ChangeAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        database.WriteAsync(session => session.Execute(sql, parameters) == 1, cancellationToken);

    private static IdempotencyRow Map(SqliteDataReader row, DateTimeOffset now) => new(
        row.GetFieldValue<byte[]>(0),
        row.GetId(1),
        now - row.GetTime(2),
        row.IsDBNull(3) ? null : new StoredAnswer(row.GetInt32(3), row.GetText(4), row.GetText(5), row.GetFieldValue<byte[]>(6)));
}
