using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests;

/// <summary>A data folder of one test, with its database; both go away with it.</summary>
public sealed class StorageFolder : IAsyncDisposable
{
    private readonly List<SqliteDatabase> open = [];

    public StorageFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "oi-storage-" + Guid.NewGuid().ToString("N"));

    public string File => System.IO.Path.Combine(Path, "state.db");

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(55));

    internal SqliteDatabase Open(Action<SqliteStorageOptions>? configure = null)
    {
        var options = new SqliteStorageOptions { DataFolder = Path };
        configure?.Invoke(options);
        var database = SqliteDatabase.Open(options, Time, NullLogger<SqliteDatabase>.Instance);
        open.Add(database);
        return database;
    }

    /// <summary>A connection of someone else, for looking and for interfering.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        return connection;
    }

    public void Run(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public IReadOnlyList<T> Query<T>(string sql, Func<SqliteDataReader, T> map)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    public long Count(string table) => Query($"SELECT count(*) FROM {table}", row => row.GetInt64(0))[0];

    public async ValueTask DisposeAsync()
    {
        foreach (var database in open)
        {
            await database.DisposeAsync();
        }

        Directory.Delete(Path, recursive: true);
    }
}
