using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Sqlite;
using OrleansInstances.Storage.Tests.Large;

namespace OrleansInstances.Storage.Tests;

/// <summary>How fast it is here, beside bare commits as the floor: <c>dotnet run -c Release --project tests/OrleansInstances.Storage.Tests -- measure</c>.</summary>
internal static class Measure
{
    private const int Seconds = 2;

    public static async Task<int> RunAsync()
    {
        foreach (var synchronous in Enum.GetValues<SqliteSynchronous>())
        {
            await MeasureWritesAsync(synchronous);
        }

        await MeasureReadsAsync(rows: 10_000);
        await LargeCatalogMeasure.RunAsync();
        return 0;
    }

    private static async Task MeasureWritesAsync(SqliteSynchronous synchronous)
    {
        await using var folder = new StorageFolder();
        MeasureFloor(folder, synchronous);
        await using var database = Open(folder, synchronous);
        foreach (var writers in (int[])[1, 64])
        {
            await MeasureWritersAsync(database, synchronous, writers);
        }
    }

    /// <summary>One connection, one transaction a write, nothing around it.</summary>
    private static void MeasureFloor(StorageFolder folder, SqliteSynchronous synchronous)
    {
        var file = new SqliteFile(new SqliteStorageOptions { DataFolder = Path.Combine(folder.Path, "floor"), Synchronous = synchronous });
        using var session = file.Create();
        session.ExecuteScript("CREATE TABLE floor (id INTEGER PRIMARY KEY, payload BLOB)");
        var payload = new byte[1000];
        var times = new List<double>();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < Seconds;)
        {
            var started = Stopwatch.GetTimestamp();
            session.Execute("BEGIN IMMEDIATE");
            session.Execute("INSERT OR REPLACE INTO floor VALUES (@id, @payload)", ("@id", times.Count % 64), ("@payload", payload));
            session.Execute("COMMIT");
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        Print($"{synchronous}: bare commits of one 1,000-byte row", times);
    }

    private static async Task MeasureWritersAsync(SqliteDatabase database, SqliteSynchronous synchronous, int writers)
    {
        var held = await Task.WhenAll(Enumerable.Range(1, writers).Select(i => database.StoreAsync(Samples.Snapshot((writers * 1000) + i))));
        var storage = database.GrainStorage();
        var times = await Task.WhenAll(held.Select(state => Task.Run(async () =>
        {
            var mine = new List<double>();
            for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < Seconds;)
            {
                var started = Stopwatch.GetTimestamp();
                var snapshot = state.State.Snapshot!;
                state.State.Snapshot = snapshot with { Version = snapshot.Version + 1, Status = (InstanceStatus)(snapshot.Version % 3) };
                state.State.Outbox = [Samples.Event(snapshot.Id, snapshot.Version)];
                await storage.WriteStateAsync("state", Samples.Grain(snapshot.Id), state);
                mine.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
            }

            return mine;
        })));
        Print($"{synchronous}: state + catalog + event, {writers} writers", [.. times.SelectMany(mine => mine)]);
    }

    private static async Task MeasureReadsAsync(int rows)
    {
        await using var folder = new StorageFolder();
        await using var database = Open(folder, SqliteSynchronous.Normal);
        var ids = new List<Guid>();
        foreach (var numbers in Enumerable.Range(1, rows).Chunk(250))
        {
            var snapshots = numbers.Select(number => Samples.Snapshot(number)).ToArray();
            ids.AddRange(snapshots.Select(snapshot => snapshot.Id));
            await Task.WhenAll(snapshots.Select(snapshot => database.StoreAsync(snapshot)));
        }

        var catalog = new SqliteInstanceCatalog(database);
        var unfinished = new SqliteUnfinishedInstances(database);
        await RepeatAsync($"list {rows} rows", () => catalog.ListAsync(new CatalogQuery(), default));
        await RepeatAsync("list a page of 100 from the middle", () => catalog.ListAsync(new CatalogQuery { After = rows / 2, Limit = 100 }, default));
        await RepeatAsync($"count {rows} rows", () => catalog.CountAsync(new CatalogQuery(), default));
        await RepeatAsync("find one", () => catalog.FindAsync(ids[rows / 2], default));
        await RepeatAsync("read one state", () => database.GrainStorage().ReadStateAsync("state", Samples.Grain(ids[7]), new Held<TestState>()));
        await RepeatAsync(
            $"sweep {rows} rows, none unfinished",
            () => unfinished.FindAsync(new UnfinishedQuery([InstanceStatus.Starting], Samples.Noon, 1000), default));
    }

    internal static async Task RepeatAsync(string what, Func<Task> work)
    {
        var times = new List<double>();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < Seconds;)
        {
            var started = Stopwatch.GetTimestamp();
            await work();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds);
        }

        Print(what, times);
    }

    private static void Print(string what, List<double> microseconds)
    {
        microseconds.Sort();
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: {microseconds.Count / (double)Seconds:N0} /s, median {microseconds[microseconds.Count / 2]:N0} µs, p99 {microseconds[microseconds.Count * 99 / 100]:N0} µs"));
    }

    private static SqliteDatabase Open(StorageFolder folder, SqliteSynchronous synchronous) => SqliteDatabase.Open(
        new SqliteStorageOptions { DataFolder = folder.Path, Synchronous = synchronous },
        TimeProvider.System,
        NullLogger<SqliteDatabase>.Instance);
}
