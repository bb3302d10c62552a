using Npgsql;
using OrleansInstances.Storage.Idempotency;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Times are the server's alone.</summary>
internal sealed class PostgresIdempotencyTable(PostgresDatabase database) : IIdempotencyTable
{
    private const string Reserve = """
        INSERT INTO idempotency_keys AS held (key_id, request, body_hash, reservation, reserved_at)
        VALUES (@key, @request, @body_hash, @reservation, now())
        ON CONFLICT (key_id, request) DO UPDATE SET
            body_hash = excluded.body_hash, reservation = excluded.reservation, reserved_at = excluded.reserved_at,
            status = NULL, content_type = NULL, location = NULL, body = NULL
        WHERE now() - held.reserved_at >= @kept
        """;

    private const string Find = """
        SELECT body_hash, reservation, now() - reserved_at, status, content_type, location, body FROM idempotency_keys
        WHERE key_id = @key AND request = @request
        """;

    private const string Mine = "key_id = @key AND request = @request AND reservation = @reservation AND status IS NULL";

    public async Task<Reservation> ReserveAsync(IdempotentRequest request, ReadOnlyMemory<byte> bodyHash, CancellationToken cancellationToken)
    {
        IdempotencyRow.Check(bodyHash);
        var hash = request.Hash();
        var reservation = Guid.NewGuid();
        while (true)
        {
            var reserved = await database.ExecuteAsync(
                Reserve,
                cancellationToken,
                ("key", request.KeyId),
                ("request", hash),
                ("body_hash", bodyHash.ToArray()),
                ("reservation", reservation),
                ("kept", IIdempotencyTable.Kept));
            if (reserved == 1)
            {
                return new Reservation(ReservationKind.New, reservation);
            }

            // Without a row it was released in between, and is there to be reserved.
            if (await database.FirstAsync(Find, Map, cancellationToken, ("key", request.KeyId), ("request", hash)) is { } held)
            {
                return held.To(bodyHash);
            }
        }
    }

    public Task<bool> FinishAsync(IdempotentRequest request, Guid reservation, StoredAnswer answer, CancellationToken cancellationToken)
    {
        IdempotencyRow.Check(answer);
        return ChangeAsync(
            $"UPDATE idempotency_keys SET status = @status, content_type = @content_type, location = @location, body = @body WHERE {Mine}",
            cancellationToken,
            ("status", answer.Status),
            ("content_type", answer.ContentType),
            ("location", answer.Location),
            ("body", answer.Body.ToArray()),
            ("key", request.KeyId),
            ("request", request.Hash()),
            ("reservation", reservation));
    }

    public Task<bool> ReleaseAsync(IdempotentRequest request, Guid reservation, CancellationToken cancellationToken) => ChangeAsync(
        $"DELETE FROM idempotency_keys WHERE {Mine}",
        cancellationToken,
        ("key", request.KeyId),
        ("request", request.Hash()),
        ("reservation", reservation));

    public Task<int> PruneAsync(int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return database.ExecuteAsync(
            """
            DELETE FROM idempotency_keys WHERE (key_id, request) IN (
                SELECT key_id, request FROM idempotency_keys WHERE reserved_at <= now() - @kept
                ORDER BY reserved_at LIMIT @limit FOR UPDATE SKIP LOCKED)
            """,
            cancellationToken,
            ("kept", IIdempotencyTable.Kept),
            ("limit", limit));
    }

    private async Task<bool> ChangeAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        await database.ExecuteAsync(sql, cancellationToken, parameters) == 1;

    private static IdempotencyRow Map(NpgsqlDataReader row) => new(
        row.GetFieldValue<byte[]>(0),
        row.GetGuid(1),
        row.GetTimeSpan(2),
        row.IsDBNull(3) ? null : new StoredAnswer(row.GetInt32(3), row.GetText(4), row.GetText(5), row.GetFieldValue<byte[]>(6)));
}
