using System.Text.Json;
using Npgsql;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresKeyTable(PostgresDatabase database) : IKeyTable
{
    private const int HashBytes = 32;
    private const string Columns = "id, name, hash, scopes, owner, created_at, expires_at, revoked, labels, user_id";

    public async Task<bool> InsertAsync(StoredKey key, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Hash.Length, HashBytes);
        return await database.ExecuteAsync(
            $"""
            INSERT INTO api_keys ({Columns})
            VALUES (@id, @name, @hash, @scopes, @owner, @created, @expires, @revoked, @labels, @user)
            ON CONFLICT (hash) DO NOTHING
            """,
            cancellationToken,
            ("id", key.Id),
            ("name", key.Name),
            ("hash", key.Hash.ToArray()),
            ("scopes", key.Scopes),
            ("owner", key.Owner),
            ("created", key.CreatedAt.ToUniversalTime()),
            ("expires", key.ExpiresAt?.ToUniversalTime()),
            ("revoked", key.Revoked),
            ("labels", JsonSerializer.SerializeToUtf8Bytes(key.Labels, StorageJson.Default.ImmutableDictionaryStringString)),
            ("user", key.UserId)) == 1;
    }

    public async Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken) =>
        await database.ListAsync($"SELECT {Columns} FROM api_keys ORDER BY created_at, id", Map, cancellationToken);

    public Task<StoredKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
        database.FirstAsync($"SELECT {Columns} FROM api_keys WHERE hash = @hash", Map, cancellationToken, ("hash", hash.ToArray()));

    public async Task<bool> RevokeAsync(Guid id, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("UPDATE api_keys SET revoked = true WHERE id = @id", cancellationToken, ("id", id)) == 1;

    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken) =>
        await database.ExecuteAsync("DELETE FROM api_keys WHERE id = @id", cancellationToken, ("id", id)) == 1;

    public Task DeleteOldestOfUserAsync(int userId, int keep, CancellationToken cancellationToken) =>
        database.ExecuteAsync(
            """
            DELETE FROM api_keys WHERE user_id = @user AND id NOT IN (
                SELECT id FROM api_keys WHERE user_id = @user ORDER BY created_at DESC, id LIMIT @keep)
            """,
            cancellationToken,
            ("user", userId),
            ("keep", keep));

    private static StoredKey Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Name = row.GetString(1),
        Hash = row.GetFieldValue<byte[]>(2),
        Scopes = row.GetString(3),
        Owner = row.GetText(4),
        CreatedAt = row.GetTime(5),
        ExpiresAt = row.IsDBNull(6) ? null : row.GetTime(6),
        Revoked = row.GetBoolean(7),
        Labels = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(8), StorageJson.Default.ImmutableDictionaryStringString)!,
        UserId = row.IsDBNull(9) ? null : row.GetInt32(9),
    };
}
