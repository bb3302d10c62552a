using System.Globalization;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class CrashTests
{
    [Fact]
    public async Task After_a_kill_every_state_has_its_row_and_events_and_nothing_acknowledged_is_lost()
    {
        await using var folder = new StorageFolder();
        for (var round = 1; round <= 3; round++)
        {
            var data = Path.Combine(folder.Path, round.ToString(CultureInfo.InvariantCulture));
            var acknowledged = await WriteUntilKilledAsync(data, lines: 400 * round);

            await CheckAsync(data, acknowledged);
        }
    }

    private static async Task<Dictionary<Guid, long>> WriteUntilKilledAsync(string data, int lines)
    {
        await using var child = ChildProcess.Start("write-until-killed", data);
        var acknowledged = new Dictionary<Guid, long>();
        for (var i = 0; i < lines; i++)
        {
            var line = (await child.WaitForLineAsync("")).Split(' ');
            acknowledged[Guid.ParseExact(line[0], "N")] = long.Parse(line[1], CultureInfo.InvariantCulture);
        }

        await child.KillAsync();
        return acknowledged;
    }

    private static async Task CheckAsync(string data, Dictionary<Guid, long> acknowledged)
    {
        await using var database = SqliteDatabase.Open(
            new SqliteStorageOptions { DataFolder = data },
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<SqliteDatabase>.Instance);
        var shown = await new SqliteInstanceCatalog(database).ListAsync(new CatalogQuery(), default);
        var events = new SqliteInstanceEvents(database);
        Assert.NotEmpty(acknowledged);
        Assert.Superset(acknowledged.Keys.ToHashSet(), shown.Select(row => row.Id).ToHashSet());
        foreach (var row in shown)
        {
            var held = new Held<TestState>();
            await database.GrainStorage().ReadStateAsync("state", Samples.Grain(row.Id), held);
            var logged = await events.ListAsync(row.Id, new(), 0, int.MaxValue, default);

            Assert.Equal(held.State.Snapshot!.Version, row.Version);
            Assert.True(row.Version >= acknowledged.GetValueOrDefault(row.Id), $"Instance {row.Number} lost an acknowledged write.");
            Assert.Equal(Enumerable.Range(1, (int)row.Version).Select(i => (long)i), logged.Select(e => e.Sequence));
        }

        var states = await database.ReadAsync(session => (long)session.Scalar("SELECT count(*) FROM grain_state")!);
        Assert.Equal(shown.Count, states);
    }
}
