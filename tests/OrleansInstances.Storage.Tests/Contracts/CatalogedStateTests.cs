using Orleans.Storage;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Tests.Contracts;

/// <summary>Catalog and events follow the state.</summary>
public abstract class CatalogedStateTests : StoreTests
{
    [Fact]
    public async Task A_written_state_is_in_the_catalog_with_its_events()
    {
        var snapshot = Samples.Snapshot(1);

        await StoreAsync(snapshot, Samples.Event(snapshot.Id, 1), Samples.Event(snapshot.Id, 2));

        Assert.Equivalent(snapshot, await Catalog.FindAsync(snapshot.Id, default), strict: true);
        await AssertLoggedAsync(snapshot.Id, 1, 2);
    }

    [Fact]
    public async Task A_stale_write_leaves_catalog_and_events_alone()
    {
        var snapshot = Samples.Snapshot(1);
        await StoreAsync(snapshot);
        var stale = new Held<TestState>
        {
            ETag = "999999",
            State = { Snapshot = snapshot with { Version = 7 }, Outbox = [Samples.Event(snapshot.Id, 1)] },
        };

        await Assert.ThrowsAsync<InconsistentStateException>(() => StoreAsync(stale));

        Assert.Equal(1, (await Catalog.FindAsync(snapshot.Id, default))!.Version);
        await AssertLoggedAsync(snapshot.Id);
    }

    [Fact]
    public async Task An_outbox_that_is_written_again_is_logged_once()
    {
        var snapshot = Samples.Snapshot(1);
        var held = await StoreAsync(snapshot, Samples.Event(snapshot.Id, 1));
        held.State.Snapshot = snapshot with { Version = 2 };
        held.State.Outbox.Add(Samples.Event(snapshot.Id, 2));

        await StoreAsync(held);

        await AssertLoggedAsync(snapshot.Id, 1, 2);
    }

    [Fact]
    public async Task A_clear_removes_the_catalog_row_and_keeps_the_events()
    {
        var snapshot = Samples.Snapshot(1);
        snapshot = snapshot with { Spec = snapshot.Spec with { Labels = Samples.Map(("a", "b")) } };
        var held = await StoreAsync(snapshot, Samples.Event(snapshot.Id, 1));

        await Storage.ClearStateAsync(Samples.StateName, Samples.Grain(snapshot.Id), held);

        Assert.Null(await Catalog.FindAsync(snapshot.Id, default));
        Assert.Equal(0, await CountAsync("instance_labels"));
        await AssertLoggedAsync(snapshot.Id, 1);
    }

    [Fact]
    public async Task Changed_labels_replace_the_old_ones()
    {
        var snapshot = Samples.Snapshot(1);
        snapshot = snapshot with { Spec = snapshot.Spec with { Labels = Samples.Map(("a", "1"), ("b", "1")) } };
        var held = await StoreAsync(snapshot);
        held.State.Snapshot = snapshot with { Version = 2, Spec = snapshot.Spec with { Labels = Samples.Map(("a", "2"), ("c", "1")) } };

        await StoreAsync(held);

        Assert.Equal(
            ["a=2", "c=1"],
            await Store.QueryAsync("SELECT key || '=' || value FROM instance_labels ORDER BY 1"));
    }

    [Fact]
    public async Task A_late_publish_never_moves_the_catalog_back()
    {
        var snapshot = Samples.Snapshot(1, version: 5);
        await StoreAsync(snapshot);

        await Publisher.PublishAsync(Samples.State(snapshot with { Version = 4, Owner = "old" }, Samples.Event(snapshot.Id, 1)));

        var shown = await Catalog.FindAsync(snapshot.Id, default);
        Assert.Equal((5, "alice"), (shown!.Version, shown.Owner));
        await AssertLoggedAsync(snapshot.Id, 1);
    }

    [Fact]
    public async Task A_lost_catalog_row_comes_back_by_publishing_once_or_twice()
    {
        var snapshot = Samples.Snapshot(1);
        await StoreAsync(snapshot, Samples.Event(snapshot.Id, 1), Samples.Event(snapshot.Id, 2));
        await Store.RunAsync("DELETE FROM instances; DELETE FROM instance_events WHERE sequence = 1");
        var state = Samples.State(snapshot, Samples.Event(snapshot.Id, 1), Samples.Event(snapshot.Id, 2));

        await Publisher.PublishAsync(state);
        await Publisher.PublishAsync(state);

        Assert.NotNull(await Catalog.FindAsync(snapshot.Id, default));
        await AssertLoggedAsync(snapshot.Id, 1, 2);
    }

    [Fact]
    public async Task A_publish_after_the_end_of_the_instance_does_not_bring_it_back()
    {
        var snapshot = Samples.Snapshot(1);
        var held = await StoreAsync(snapshot);
        await Storage.ClearStateAsync(Samples.StateName, Samples.Grain(snapshot.Id), held);

        await Publisher.PublishAsync(Samples.State(snapshot));

        Assert.Empty(await Catalog.ListAsync(new CatalogQuery(), default));
    }

    [Fact]
    public async Task A_state_without_snapshot_is_stored_and_not_shown()
    {
        var held = new Held<TestState>();

        await Storage.WriteStateAsync(Samples.StateName, Samples.Grain("a"), held);
        await Publisher.PublishAsync(held.State);

        Assert.Equal(1, await CountAsync("grain_state"));
        Assert.Equal(0, await CountAsync("instances"));
    }

    private async Task AssertLoggedAsync(Guid id, params long[] sequences) =>
        Assert.Equal(sequences, (await Events.ListAsync(id, new(), 0, 100, default)).Select(e => e.Sequence));
}
