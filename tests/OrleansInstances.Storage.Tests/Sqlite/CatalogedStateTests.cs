using Orleans.Storage;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

/// <summary>State, catalog and events move together.</summary>
public sealed class CatalogedStateTests : IAsyncLifetime
{
    private readonly StorageFolder folder = new();
    private SqliteDatabase database = null!;
    private SqliteInstanceCatalog catalog = null!;
    private SqliteInstanceEvents events = null!;
    private SqliteInstanceCatalogWriter publisher = null!;

    public Task InitializeAsync()
    {
        database = folder.Open();
        catalog = new SqliteInstanceCatalog(database);
        events = new SqliteInstanceEvents(database);
        publisher = new SqliteInstanceCatalogWriter(database);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public async Task A_written_state_is_in_the_catalog_with_its_events()
    {
        var snapshot = Samples.Snapshot(1);

        await database.StoreAsync(snapshot, Samples.Event(snapshot.Id, 1), Samples.Event(snapshot.Id, 2));

        Assert.Equivalent(snapshot, await catalog.FindAsync(snapshot.Id, default), strict: true);
        await AssertLoggedAsync(snapshot.Id, 1, 2);
    }

    [Fact]
    public async Task A_stale_write_leaves_catalog_and_events_alone()
    {
        var snapshot = Samples.Snapshot(1);
        await database.StoreAsync(snapshot);
        var stale = new Held<TestState>
        {
            ETag = "9.9",
            State = { Snapshot = snapshot with { Version = 7 }, Outbox = [Samples.Event(snapshot.Id, 1)] },
        };

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => database.GrainStorage().WriteStateAsync("state", Samples.Grain(snapshot.Id), stale));

        Assert.Equal(1, (await catalog.FindAsync(snapshot.Id, default))!.Version);
        await AssertLoggedAsync(snapshot.Id);
    }

    [Fact]
    public async Task A_failed_catalog_row_undoes_the_state_too()
    {
        await database.StoreAsync(Samples.Snapshot(1));
        var sameNumber = Samples.Snapshot(1);

        await Assert.ThrowsAnyAsync<Exception>(() => database.StoreAsync(sameNumber, Samples.Event(sameNumber.Id, 1)));

        Assert.Equal(1, folder.Count("grain_state"));
        Assert.Equal(0, folder.Count("instance_events"));
    }

    [Fact]
    public async Task An_outbox_that_is_written_again_is_logged_once()
    {
        var snapshot = Samples.Snapshot(1);
        var held = await database.StoreAsync(snapshot, Samples.Event(snapshot.Id, 1));
        held.State.Snapshot = snapshot with { Version = 2 };
        held.State.Outbox.Add(Samples.Event(snapshot.Id, 2));

        await database.GrainStorage().WriteStateAsync("state", Samples.Grain(snapshot.Id), held);

        await AssertLoggedAsync(snapshot.Id, 1, 2);
    }

    [Fact]
    public async Task A_clear_removes_the_catalog_row_and_keeps_the_events()
    {
        var snapshot = Samples.Snapshot(1);
        snapshot = snapshot with { Spec = snapshot.Spec with { Labels = Samples.Map(("a", "b")) } };
        var held = await database.StoreAsync(snapshot, Samples.Event(snapshot.Id, 1));

        await database.GrainStorage().ClearStateAsync("state", Samples.Grain(snapshot.Id), held);

        Assert.Null(await catalog.FindAsync(snapshot.Id, default));
        Assert.Equal(0, folder.Count("instance_labels"));
        await AssertLoggedAsync(snapshot.Id, 1);
    }

    [Fact]
    public async Task Changed_labels_replace_the_old_ones()
    {
        var snapshot = Samples.Snapshot(1);
        snapshot = snapshot with { Spec = snapshot.Spec with { Labels = Samples.Map(("a", "1"), ("b", "1")) } };
        var held = await database.StoreAsync(snapshot);
        held.State.Snapshot = snapshot with { Version = 2, Spec = snapshot.Spec with { Labels = Samples.Map(("a", "2"), ("c", "1")) } };

        await database.GrainStorage().WriteStateAsync("state", Samples.Grain(snapshot.Id), held);

        Assert.Equal(
            ["a=2", "c=1"],
            folder.Query("SELECT key || '=' || value FROM instance_labels ORDER BY 1", row => row.GetString(0)));
    }

    [Fact]
    public async Task A_late_publish_never_moves_the_catalog_back()
    {
        var snapshot = Samples.Snapshot(1, version: 5);
        await database.StoreAsync(snapshot);

        await publisher.PublishAsync(Samples.State(snapshot with { Version = 4, Owner = "old" }, Samples.Event(snapshot.Id, 1)));

        var shown = await catalog.FindAsync(snapshot.Id, default);
        Assert.Equal((5, "alice"), (shown!.Version, shown.Owner));
        await AssertLoggedAsync(snapshot.Id, 1);
    }

    [Fact]
    public async Task A_lost_catalog_row_comes_back_by_publishing_once_or_twice()
    {
        var snapshot = Samples.Snapshot(1);
        await database.StoreAsync(snapshot, Samples.Event(snapshot.Id, 1), Samples.Event(snapshot.Id, 2));
        folder.Run("DELETE FROM instances; DELETE FROM instance_events WHERE sequence = 1");
        var state = Samples.State(snapshot, Samples.Event(snapshot.Id, 1), Samples.Event(snapshot.Id, 2));

        await publisher.PublishAsync(state);
        await publisher.PublishAsync(state);

        Assert.NotNull(await catalog.FindAsync(snapshot.Id, default));
        await AssertLoggedAsync(snapshot.Id, 1, 2);
    }

    [Fact]
    public async Task A_publish_after_the_end_of_the_instance_does_not_bring_it_back()
    {
        var snapshot = Samples.Snapshot(1);
        var held = await database.StoreAsync(snapshot);
        await database.GrainStorage().ClearStateAsync("state", Samples.Grain(snapshot.Id), held);

        await publisher.PublishAsync(Samples.State(snapshot));

        Assert.Empty(await catalog.ListAsync(new CatalogQuery(), default));
    }

    [Fact]
    public async Task A_state_without_snapshot_is_stored_and_not_shown()
    {
        var held = new Held<TestState>();

        await database.GrainStorage().WriteStateAsync("state", Samples.Grain("a"), held);
        await publisher.PublishAsync(held.State);

        Assert.Equal(1, folder.Count("grain_state"));
        Assert.Equal(0, folder.Count("instances"));
    }

    private async Task AssertLoggedAsync(Guid id, params long[] sequences) =>
        Assert.Equal(sequences, (await events.ListAsync(id, 0, 100, null, default)).Select(e => e.Sequence));
}
