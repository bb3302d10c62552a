using Npgsql;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Storage.Postgres;

internal sealed class PostgresUserTable(PostgresDatabase database) : IUserTable
{
    private const string Columns = "id, name, password_hash, is_administrator, created_at";

    public Task<StoredUser?> InsertAsync(StoredUser user, CancellationToken cancellationToken) => database.ExecuteAsync(
        $"""
        INSERT INTO users (name, password_hash, is_administrator, created_at)
        VALUES (@name, @hash, @administrator, @created)
        ON CONFLICT (name) DO NOTHING
        RETURNING {Columns}
        """,
        Map,
        cancellationToken,
        ("name", user.Name),
        ("hash", user.PasswordHash),
        ("administrator", user.IsAdministrator),
        ("created", user.CreatedAt.ToUniversalTime()));

    public async Task<IReadOnlyList<StoredUser>> ListAsync(CancellationToken cancellationToken) =>
        await database.ListAsync($"SELECT {Columns} FROM users ORDER BY id", Map, cancellationToken);

    public Task<StoredUser?> FindAsync(int id, CancellationToken cancellationToken) =>
        database.FirstAsync($"SELECT {Columns} FROM users WHERE id = @id", Map, cancellationToken, ("id", id));

    /// <inheritdoc/>
    /// <remarks>No name has U+0000 in it, which PostgreSQL would refuse as an error.</remarks>
    public async Task<StoredUser?> FindAsync(string name, CancellationToken cancellationToken) =>
        name.Contains('\0', StringComparison.Ordinal) ? null : await database.FirstAsync($"SELECT {Columns} FROM users WHERE name = @name", Map, cancellationToken, ("name", name));

    public async Task<bool> UpdateAsync(StoredUser user, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "UPDATE users SET password_hash = @hash, is_administrator = @administrator WHERE id = @id",
            cancellationToken,
            ("hash", user.PasswordHash),
            ("administrator", user.IsAdministrator),
            ("id", user.Id)) == 1;

    public async Task<bool> DeleteAsync(int id, CancellationToken cancellationToken) =>
        await database.ExecuteAsync(
            "WITH keys AS (DELETE FROM api_keys WHERE user_id = @id) DELETE FROM users WHERE id = @id",
            cancellationToken,
            ("id", id)) == 1;

    public async Task<IReadOnlyDictionary<Guid, InstancePermissions>> ListPermissionsAsync(int userId, CancellationToken cancellationToken)
    {
        var rows = await database.ListAsync(
            "SELECT instance_id, permissions FROM user_permissions WHERE user_id = @id",
            row => (row.GetGuid(0), (InstancePermissions)row.GetInt32(1)),
            cancellationToken,
            ("id", userId));
        return rows.ToDictionary();
    }

    public Task<bool> SetPermissionsAsync(int userId, Guid instanceId, InstancePermissions permissions, CancellationToken cancellationToken)
    {
        var change = permissions == InstancePermissions.None
            ? "DELETE FROM user_permissions USING holder WHERE user_id = holder.id AND instance_id = @instance"
            : """
              INSERT INTO user_permissions (user_id, instance_id, permissions) SELECT id, @instance, @permissions FROM holder
              ON CONFLICT (user_id, instance_id) DO UPDATE SET permissions = excluded.permissions
              """;
        return database.ExecuteAsync(
            $"""
            WITH holder AS MATERIALIZED (SELECT id FROM users WHERE id = @user FOR KEY SHARE), change AS ({change})
            SELECT EXISTS (SELECT FROM holder)
            """,
            row => row.GetBoolean(0),
            cancellationToken,
            ("user", userId),
            ("instance", instanceId),
            ("permissions", (int)permissions));
    }

    private static StoredUser Map(NpgsqlDataReader row) => new()
    {
        Id = row.GetInt32(0),
        Name = row.GetString(1),
        PasswordHash = row.GetString(2),
        IsAdministrator = row.GetBoolean(3),
        CreatedAt = row.GetTime(4),
    };
}
