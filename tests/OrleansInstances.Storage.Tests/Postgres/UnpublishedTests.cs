using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Tests.Contracts;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>State and catalog are two transactions here: what was done of the first alone is found.</summary>
[Collection(PostgresCollection.Name)]
public sealed class UnpublishedTests(PostgresSilo silo) : StoreTests
{
    [Fact]
    public async Task A_state_is_found_from_its_write_until_it_is_published()
    {
        var snapshot = Samples.Snapshot(1);
        var held = new Held<TestState> { State = { Snapshot = snapshot } };
        await WriteAsync(held);
        Assert.Equal([snapshot.Id], await FindAsync());
        await Publisher.PublishAsync(held.State);
        Assert.Empty(await FindAsync());

        held.State.Snapshot = snapshot with { Version = 2 };
        await WriteAsync(held);
        Assert.Equal([snapshot.Id], await FindAsync());
        await Publisher.PublishAsync(Samples.State(snapshot));
        Assert.Equal([snapshot.Id], await FindAsync());
        await Publisher.PublishAsync(held.State);
        Assert.Empty(await FindAsync());
    }

    [Fact]
    public async Task A_state_that_is_not_written_is_not_found()
    {
        var held = await StoreAsync(Samples.Snapshot(1));
        var stale = new Held<TestState> { State = { Snapshot = held.State.Snapshot! with { Version = 2 } } };

        await Assert.ThrowsAnyAsync<Exception>(() => WriteAsync(stale, held.State.Snapshot!.Id));

        Assert.Empty(await FindAsync());
        Assert.Equal(0, await CountAsync("unpublished"));
    }

    [Fact]
    public async Task A_state_that_is_cleared_is_not_found_any_more()
    {
        var snapshot = Samples.Snapshot(1);
        var held = new Held<TestState> { State = { Snapshot = snapshot } };
        await WriteAsync(held);

        await Storage.ClearStateAsync(Samples.StateName, Samples.Grain(snapshot.Id), held);

        Assert.Equal(0, await CountAsync("unpublished"));
    }

    [Fact]
    public async Task States_that_are_not_in_the_catalog_are_not_found()
    {
        await Storage.WriteStateAsync("state", Samples.Grain("uncataloged"), new Held<PlainState>());

        Assert.Equal(0, await CountAsync("unpublished"));
    }

    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);

    private Task WriteAsync(Held<TestState> held, Guid? id = null) =>
        Storage.WriteStateAsync(Samples.StateName, Samples.Grain(id ?? held.State.Snapshot!.Id), held);

    private Task<IReadOnlyList<Guid>> FindAsync() =>
        Store.Part<IUnfinishedInstances>().FindAsync(new UnfinishedQuery([InstanceStatus.Starting], Samples.Noon, 100), default);
}
