using System.Data.Common;

namespace OrleansInstances.EmbeddedEngine.State;

/// <summary>The statements that a database brings for its states, in its table OrleansQuery.</summary>
internal sealed record AdoNetStatements(string Read, string Write, string Clear)
{
    private const string Query = """
        SELECT QueryKey, QueryText FROM OrleansQuery
        WHERE QueryKey IN ('ReadFromStorageKey', 'WriteToStorageKey', 'ClearStorageKey', 'DeleteStorageKey')
        """;

    public static async Task<AdoNetStatements> LoadAsync(DbDataSource source, bool deleteOnClear)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = Query;
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new Dictionary<string, string>();
        while (await reader.ReadAsync())
        {
            texts.Add(reader.GetString(0), reader.GetString(1));
        }

        return new(texts["ReadFromStorageKey"], texts["WriteToStorageKey"], texts[deleteOnClear ? "DeleteStorageKey" : "ClearStorageKey"]);
    }
}
