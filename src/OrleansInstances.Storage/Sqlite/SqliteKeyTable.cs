using System.Text.Json;
using Microsoft.Data.Sqlite;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteKeyTable(SqliteDatabase database) : IKeyTable
{
    private const int HashBytes = 32;
    private const string Columns = "id, name, hash, scopes, owner, created_at, expires_at, revoked, labels, user_id";

    public Task<bool> InsertAsync(StoredKey key, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Hash.Length, HashBytes);
        return database.WriteAsync(
            session => session.Execute(
                $"""
                INSERT INTO api_keys ({Columns})
                VALUES (@id, @name, @hash, @scopes, @owner, @created, @expires, @revoked, @labels, @user)
                ON CONFLICT (hash) DO NOTHING
                """,
                ("@id", key.Id.ToBlob()),
                ("@name", key.Name),
                ("@hash", key.Hash.ToArray()),
                ("@scopes", key.Scopes),
                ("@owner", key.Owner),
                ("@created", key.CreatedAt.ToUnixTimeMilliseconds()),
                ("@expires", key.ExpiresAt?.ToUnixTimeMilliseconds()),
                ("@revoked", key.Revoked),
                ("@labels", JsonSerializer.Serialize(key.Labels, StorageJson.Default.ImmutableDictionaryStringString)),
                ("@user", key.UserId)) == 1,
            cancellationToken);
    }

    public async Task<IReadOnlyList<StoredKey>> ListAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => session.List($"SELECT {Columns} FROM api_keys ORDER BY created_at, id", Map), cancellationToken);

    public Task<StoredKey?> FindAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session.First($"SELECT {Columns} FROM api_keys WHERE hash = @hash", Map, ("@hash", hash.ToArray())),
            cancellationToken);

    public Task<bool> RevokeAsync(Guid id, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute("UPDATE api_keys SET revoked = 1 WHERE id = @id", ("@id", id.ToBlob())) == 1,
            cancellationToken);

    public Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute("DELETE FROM api_keys WHERE id = @id", ("@id", id.ToBlob())) == 1,
            cancellationToken);

    public Task DeleteOldestOfUserAsync(int userId, int keep, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                """
                DELETE FROM api_keys WHERE user_id = @user AND id NOT IN (
                    SELECT id FROM api_keys WHERE user_id = @user ORDER BY created_at DESC, id LIMIT @keep)
                """,
                ("@user", userId),
                ("@keep", keep)),
            cancellationToken);

    private static StoredKey Map(SqliteDataReader row) => new()
    {
        Id = row.GetId(0),
        Name = row.GetString(1),
        Hash = row.GetFieldValue<byte[]>(2),
        Scopes = row.GetString(3),
        Owner = row.GetText(4),
        CreatedAt = row.GetTime(5),
        ExpiresAt = row.IsDBNull(6) ? null : row.GetTime(6),
        Revoked = row.GetBoolean(7),
        Labels = JsonSerializer.Deserialize(row.GetString(8), StorageJson.Default.ImmutableDictionaryStringString)!,
        UserId = row.IsDBNull(9) ? null : row.GetInt32(9),
    };
}
