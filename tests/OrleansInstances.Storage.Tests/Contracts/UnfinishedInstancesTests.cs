using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class UnfinishedInstancesTests : StoreTests
{
    private IUnfinishedInstances Unfinished => Store.Part<IUnfinishedInstances>();

    [Fact]
    public async Task What_is_at_rest_is_not_found()
    {
        await StoreAsync(Samples.Snapshot(1));
        await StoreAsync(Samples.Snapshot(2) with { DueAt = Samples.Noon.AddMilliseconds(1) });
        await Storage.WriteStateAsync("state", Samples.Grain("uncataloged"), new Held<PlainState>());

        Assert.Empty(await FindAsync());
    }

    [Fact]
    public async Task Busy_ones_are_found_whatever_their_status()
    {
        var deleted = Samples.Snapshot(1) with { Busy = true, Status = InstanceStatus.Deleted };

        await StoreAsync(deleted);

        Assert.Equal([deleted.Id], await FindAsync());
    }

    [Fact]
    public async Task Due_ones_are_found_from_their_time_on()
    {
        var due = Samples.Snapshot(1) with { DueAt = Samples.Noon };

        await StoreAsync(due);

        Assert.Equal([due.Id], await FindAsync());
    }

    [Fact]
    public async Task Statuses_that_were_asked_for_are_found()
    {
        var starting = Samples.Snapshot(1) with { Status = InstanceStatus.Starting };
        var lost = Samples.Snapshot(2) with { Status = InstanceStatus.Lost };
        await StoreAsync(starting);
        await StoreAsync(lost);
        await StoreAsync(Samples.Snapshot(3));

        Assert.Equal([starting.Id], await FindAsync(InstanceStatus.Starting));
        Assert.Equal(
            new[] { starting.Id, lost.Id }.Order(), (await FindAsync(InstanceStatus.Starting, InstanceStatus.Lost)).Order());
    }

    [Fact]
    public async Task A_deleted_one_is_found_at_once_or_when_it_is_due()
    {
        var now = Samples.Snapshot(1) with { Status = InstanceStatus.Deleted };
        var due = Samples.Snapshot(2) with { Status = InstanceStatus.Deleted, DueAt = Samples.Noon };
        var later = Samples.Snapshot(3) with { Status = InstanceStatus.Deleted, DueAt = Samples.Noon.AddMilliseconds(1) };
        await StoreAsync(now);
        await StoreAsync(due);
        await StoreAsync(later);

        Assert.Equal(new[] { now.Id, due.Id }.Order(), (await FindAsync(InstanceStatus.Deleted)).Order());
    }

    [Theory]
    [InlineData("DELETE FROM instances")]
    [InlineData("UPDATE instances SET version = version - 1")]
    public async Task A_catalog_row_that_is_missing_or_old_is_found_by_comparing_until_it_is_repaired(string loss)
    {
        var snapshot = Samples.Snapshot(1, version: 4);
        await StoreAsync(snapshot);
        Assert.Empty((await Unfinished.CompareAsync(null, 10, default)).Lagging);
        await Store.RunAsync(loss);

        Assert.Equal([snapshot.Id], (await Unfinished.CompareAsync(null, 10, default)).Lagging);
        await Publisher.PublishAsync(Samples.State(snapshot));
        Assert.Empty((await Unfinished.CompareAsync(null, 10, default)).Lagging);
    }

    [Fact]
    public async Task States_are_compared_so_many_at_a_time_by_their_ids()
    {
        var snapshots = Enumerable.Range(1, 10).Select(number => Samples.Snapshot(number)).OrderBy(snapshot => snapshot.Id.ToString()).ToList();
        foreach (var snapshot in snapshots)
        {
            await StoreAsync(snapshot);
        }

        await Storage.WriteStateAsync("state", Samples.Grain("uncataloged"), new Held<PlainState>());
        await Store.RunAsync("DELETE FROM instances WHERE number % 2 = 0");

        var found = new List<Guid>();
        var steps = new List<int>();
        Guid? after = null;
        do
        {
            var comparison = await Unfinished.CompareAsync(after, 4, default);
            found.AddRange(comparison.Lagging);
            after = comparison.Next;
            steps.Add(snapshots.FindIndex(snapshot => snapshot.Id == after));
        }
        while (after is not null);

        Assert.Equal([3, 7, -1], steps);
        Assert.Equal(snapshots.Where(snapshot => snapshot.Number % 2 == 0).Select(snapshot => snapshot.Id), found);
    }

    [Fact]
    public async Task Pages_hold_each_once_though_it_has_several_reasons()
    {
        var ids = new List<Guid>();
        for (var number = 1; number <= 25; number++)
        {
            var snapshot = Samples.Snapshot(number) with { Busy = true, DueAt = Samples.Noon, Status = InstanceStatus.Starting };
            await StoreAsync(snapshot);
            ids.Add(snapshot.Id);
        }

        var found = new List<Guid>();
        for (var page = await PageAsync(null); page.Count > 0; page = await PageAsync(found[^1]))
        {
            found.AddRange(page);
        }

        Assert.Equal(ids.OrderBy(id => id.ToString()), found);

        Task<IReadOnlyList<Guid>> PageAsync(Guid? after) =>
            Unfinished.FindAsync(new UnfinishedQuery([InstanceStatus.Starting], Samples.Noon, 7, after), default);
    }

    [Fact]
    public async Task Of_nodes_all_are_found_that_are_not_at_rest()
    {
        var found = new List<InstanceSnapshot>();
        foreach (var status in Enum.GetValues<InstanceStatus>())
        {
            foreach (var node in new[] { "a", "b'; --", "c", null })
            {
                var snapshot = Samples.Snapshot((int)status * 10 + (node?[0] ?? 0)) with { Status = status, Node = node };
                await StoreAsync(snapshot);
                if (node is "a" or "b'; --" && status is not (InstanceStatus.Stopped or InstanceStatus.Failed or InstanceStatus.Deleted))
                {
                    found.Add(snapshot);
                }
            }
        }

        var pages = new List<Guid>();
        for (var page = await PageAsync(null); page.Count > 0; page = await PageAsync(page[^1]))
        {
            pages.AddRange(page);
        }

        Assert.Equal(Sorted([.. found]), pages);
        Assert.Empty(await Unfinished.FindOnNodesAsync([], 100, null, default));

        Task<IReadOnlyList<Guid>> PageAsync(Guid? after) => Unfinished.FindOnNodesAsync(["a", "b'; --", "unknown"], 7, after, default);
    }

    private static IEnumerable<Guid> Sorted(params InstanceSnapshot[] snapshots) =>
        snapshots.Select(snapshot => snapshot.Id).OrderBy(id => id.ToString(), StringComparer.Ordinal);

    private Task<IReadOnlyList<Guid>> FindAsync(params InstanceStatus[] statuses) =>
        Unfinished.FindAsync(new UnfinishedQuery([.. statuses], Samples.Noon, 100), default);
}
