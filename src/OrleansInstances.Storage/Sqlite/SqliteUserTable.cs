using Microsoft.Data.Sqlite;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteUserTable(SqliteDatabase database) : IUserTable
{
    private const string Columns = "id, name, password_hash, is_administrator, created_at";

    public Task<StoredUser?> InsertAsync(StoredUser user, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.First(
                $"""
                INSERT INTO users (name, password_hash, is_administrator, created_at)
                VALUES (@name, @hash, @administrator, @created)
                ON CONFLICT (name) DO NOTHING
                RETURNING {Columns}
                """,
                Map,
                ("@name", user.Name),
                ("@hash", user.PasswordHash),
                ("@administrator", user.IsAdministrator),
                ("@created", user.CreatedAt.ToUnixTimeMilliseconds())),
            cancellationToken);

    public async Task<IReadOnlyList<StoredUser>> ListAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(session => session.List($"SELECT {Columns} FROM users ORDER BY id", Map), cancellationToken);

    public Task<StoredUser?> FindAsync(int id, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session.First($"SELECT {Columns} FROM users WHERE id = @id", Map, ("@id", id)), cancellationToken);

    public Task<StoredUser?> FindAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(
            session => session.First($"SELECT {Columns} FROM users WHERE name = @name", Map, ("@name", name)), cancellationToken);

    public Task<bool> UpdateAsync(StoredUser user, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session => session.Execute(
                "UPDATE users SET password_hash = @hash, is_administrator = @administrator WHERE id = @id",
                ("@hash", user.PasswordHash),
                ("@administrator", user.IsAdministrator),
                ("@id", user.Id)) == 1,
            cancellationToken);

    public Task<bool> DeleteAsync(int id, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session.Execute("DELETE FROM user_permissions WHERE user_id = @id", ("@id", id));
                session.Execute("DELETE FROM api_keys WHERE user_id = @id", ("@id", id));
                return session.Execute("DELETE FROM users WHERE id = @id", ("@id", id)) == 1;
            },
            cancellationToken);

    public async Task<IReadOnlyDictionary<Guid, InstancePermissions>> ListPermissionsAsync(int userId, CancellationToken cancellationToken)
    {
        const string Sql = "SELECT instance_id, permissions FROM user_permissions WHERE user_id = @id";
        var rows = await database.ReadAsync(
            session => session.List(Sql, row => (row.GetId(0), (InstancePermissions)row.GetInt32(1)), ("@id", userId)), cancellationToken);
        return rows.ToDictionary();
    }

    public Task<bool> SetPermissionsAsync(int userId, Guid instanceId, InstancePermissions permissions, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                if (session.Scalar("SELECT id FROM users WHERE id = @id", ("@id", userId)) is null)
                {
                    return false;
                }

                if (permissions == InstancePermissions.None)
                {
                    session.Execute(
                        "DELETE FROM user_permissions WHERE user_id = @user AND instance_id = @instance",
                        ("@user", userId),
                        ("@instance", instanceId.ToBlob()));
                    return true;
                }

                session.Execute(
                    """
                    INSERT INTO user_permissions (user_id, instance_id, permissions) VALUES (@user, @instance, @permissions)
                    ON CONFLICT (user_id, instance_id) DO UPDATE SET permissions = excluded.permissions
                    """,
                    ("@user", userId),
                    ("@instance", instanceId.ToBlob()),
                    ("@permissions", (int)permissions));
                return true;
            },
            cancellationToken);

    private static StoredUser Map(SqliteDataReader row) => new()
    {
        Id = row.GetInt32(0),
        Name = row.GetString(1),
        PasswordHash = row.GetString(2),
        IsAdministrator = row.GetBoolean(3),
        CreatedAt = row.GetTime(4),
    };
}
