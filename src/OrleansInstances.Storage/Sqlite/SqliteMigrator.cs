namespace OrleansInstances.Storage.Sqlite;

/// <summary>Applies the scripts that a database has not seen yet.</summary>
internal static class SqliteMigrator
{
    /// <summary>
    /// One transaction that begins with the write lock: of several processes that start together one applies the scripts,
    /// the others wait for it and find nothing to do.
    /// </summary>
    /// <exception cref="StorageUnavailableException">The tables are of a newer release than this program.</exception>
    public static void Migrate(SqliteSession session, IReadOnlyList<SqlScript> scripts, TimeProvider time)
    {
        session.ExecuteScript("BEGIN IMMEDIATE");
        try
        {
            session.ExecuteScript(
                "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
            var current = (long)session.Scalar("SELECT coalesce(max(version), 0) FROM schema_version")!;
            var known = scripts.Count == 0 ? 0 : scripts[^1].Version;
            if (current > known)
            {
                throw new StorageUnavailableException(
                    $"The database {session.Path} has tables of version {current}, this program knows them up to {known}: a newer release wrote it. Start that one, or restore an older copy.");
            }

            foreach (var script in scripts.Where(script => script.Version > current))
            {
                session.ExecuteScript(script.Text);
                session.Execute(
                    "INSERT INTO schema_version (version, name, applied_at) VALUES (@version, @name, @at)",
                    ("@version", script.Version),
                    ("@name", script.Name),
                    ("@at", time.GetUtcNow().ToUnixTimeMilliseconds()));
            }

            session.ExecuteScript("COMMIT");
        }
        catch when (session.InTransaction)
        {
            session.ExecuteScript("ROLLBACK");
            throw;
        }
    }
}
