using Npgsql;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Applies the scripts that a database has not seen yet.</summary>
internal static class PostgresMigrator
{
    /// <summary>Of the lock that silos of this program take; any number will do that nobody else takes in this database.</summary>
    private const long Lock = 0x4F49_6D69_6772_6174;

    private static readonly Version Oldest = new(15, 0);

    /// <summary>
    /// One transaction that begins with the lock: of several silos that start together one applies the scripts, the others
    /// wait for it and find nothing to do.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The server is too old, or the tables are of a newer release than this program.</exception>
    public static void Migrate(NpgsqlConnection connection, IReadOnlyList<SqlScript> scripts, TimeSpan timeout, string place)
    {
        if (connection.PostgreSqlVersion < Oldest)
        {
            throw new StorageUnavailableException(
                $"The database {place} is on PostgreSQL {connection.PostgreSqlVersion}: it must be {Oldest.Major} or later.");
        }

        using var transaction = connection.BeginTransaction();
        Execute("SELECT pg_advisory_xact_lock(@lock)", new NpgsqlParameter("lock", Lock));
        Execute("CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)");
        var current = (int)Execute("SELECT coalesce(max(version), 0) FROM schema_version")!;
        var known = scripts.Count == 0 ? 0 : scripts[^1].Version;
        if (current > known)
        {
            throw new StorageUnavailableException(
                $"The database {place} has tables of version {current}, this program knows them up to {known}: a newer release wrote it. Start that one, or restore an older copy.");
        }

        foreach (var script in scripts.Where(script => script.Version > current))
        {
            Execute(script.Text);
            Execute(
                "INSERT INTO schema_version (version, name, applied_at) VALUES (@version, @name, now())",
                new NpgsqlParameter("version", script.Version),
                new NpgsqlParameter("name", script.Name));
        }

        transaction.Commit();

        object? Execute(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
        {
            using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)timeout.TotalSeconds };
            foreach (var parameter in parameters)
            {
                command.Parameters.Add(parameter);
            }

            return command.ExecuteScalar();
        }
    }
}
