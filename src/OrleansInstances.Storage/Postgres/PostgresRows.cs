using Npgsql;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Statements on a connection, their rows, and the values in them.</summary>
internal static class PostgresRows
{
    public static async Task<List<T>> ListAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> map, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ListAsync(map);
    }

    /// <summary>The rows of the last of two commands.</summary>
    public static async Task<List<T>> ListLastAsync<T>(this NpgsqlBatch batch, Func<NpgsqlDataReader, T> map)
    {
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        return await reader.ListAsync(map);
    }

    /// <summary>The first row, mapped; default when there is none.</summary>
    public static async Task<T?> FirstAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> map, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? map(reader) : default;
    }

    /// <summary>How many rows were changed.</summary>
    public static async Task<int> ExecuteAsync(this NpgsqlConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    public static void Bind(this NpgsqlParameterCollection to, (string Name, object? Value)[] parameters)
    {
        foreach (var (name, value) in parameters)
        {
            to.Add(new NpgsqlParameter(name, value ?? DBNull.Value));
        }
    }

    public static DateTimeOffset GetTime(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    public static string? GetText(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, (string Name, object? Value)[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Bind(parameters);
        return command;
    }

    private static async Task<List<T>> ListAsync<T>(this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> map)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(map(reader));
        }

        return rows;
    }
}
