using System.Collections.Concurrent;
using Npgsql;

namespace OrleansInstances.Testing;

/// <summary>Databases that tests use one after the other. To empty one takes milliseconds; to make and fill it with tables, a hundred times as long.</summary>
public static class DatabasePool
{
    private const string Empty = """
        DO $$
        DECLARE names text;
        BEGIN
            SELECT string_agg(quote_ident(tablename), ', ') INTO names
            FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('schema_version', 'orleansquery');
            IF names IS NOT NULL THEN
                EXECUTE 'TRUNCATE ' || names || ' RESTART IDENTITY';
            END IF;
        END $$
        """;

    private static readonly ConcurrentBag<string> Free = [];

    /// <summary>The connection string of a database without rows, and maybe without tables.</summary>
    public static async Task<string> RentAsync() =>
        Free.TryTake(out var database) ? database : await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();

    /// <summary>Empties a database that nobody uses any more, for the next one.</summary>
    public static async Task ReturnAsync(string database)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Empty, connection);
        await command.ExecuteNonQueryAsync();
        Free.Add(database);
    }
}
