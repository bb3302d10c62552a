using Npgsql;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Rows of a command, and the values in them.</summary>
internal static class PostgresRows
{
    public static async Task<List<T>> ListAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> map)
    {
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    public static async Task<T?> FirstAsync<T>(this NpgsqlCommand command, Func<NpgsqlDataReader, T> map)
    {
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? map(reader) : default;
    }

    public static DateTimeOffset GetTime(this NpgsqlDataReader reader, int column) => reader.GetFieldValue<DateTimeOffset>(column);

    public static string? GetText(this NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
