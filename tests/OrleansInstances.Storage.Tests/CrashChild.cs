using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests;

/// <summary>Several instances that change all the time, each telling on stdout what was acknowledged to it.</summary>
internal static class CrashChild
{
    private const int Instances = 16;

    public static async Task<int> WriteUntilKilledAsync(string folder)
    {
        var options = new SqliteStorageOptions { DataFolder = folder };
        await using var database = SqliteDatabase.Open(options, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        var writer = TextWriter.Synchronized(output);
        await Task.WhenAll(Enumerable.Range(1, Instances).Select(number => Task.Run(() => ChangeForeverAsync(database, number, writer))));
        return 0;
    }

    private static async Task ChangeForeverAsync(SqliteDatabase database, int number, TextWriter writer)
    {
        var snapshot = Samples.Snapshot(number);
        var held = await database.StoreAsync(snapshot, Samples.Event(snapshot.Id, 1));
        while (true)
        {
            var version = held.State.Snapshot!.Version + 1;
            held.State.Snapshot = held.State.Snapshot with { Version = version };
            held.State.Outbox = [Samples.Event(snapshot.Id, version)];
            await database.GrainStorage().WriteStateAsync("state", Samples.Grain(snapshot.Id), held);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{snapshot.Id:N} {version}"));
        }
    }
}
