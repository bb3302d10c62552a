using System.Globalization;
using Orleans.Storage;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Tests.Contracts;

/// <summary>Tests of what holds on every database. Each database has a class that runs them.</summary>
public abstract class StoreTests : IAsyncLifetime
{
    private ITestStore? store;

    protected ITestStore Store => store!;

    protected IGrainStorage Storage => Store.GrainStorage;

    protected IInstanceCatalog Catalog => Store.Part<IInstanceCatalog>();

    protected IInstanceEvents Events => Store.Part<IInstanceEvents>();

    protected IInstanceCatalogWriter Publisher => Store.Part<IInstanceCatalogWriter>();

    public async Task InitializeAsync()
    {
        store = await OpenAsync();
        await PrepareAsync();
    }

    public async Task DisposeAsync()
    {
        if (store is not null)
        {
            await store.DisposeAsync();
        }
    }

    protected abstract Task<ITestStore> OpenAsync();

    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Stores a new instance the way its grain does.</summary>
    protected async Task<Held<TestState>> StoreAsync(InstanceSnapshot snapshot, params InstanceEvent[] events)
    {
        var held = new Held<TestState> { State = { Snapshot = snapshot, Outbox = [.. events] } };
        await StoreAsync(held);
        return held;
    }

    protected async Task StoreAsync(Held<TestState> held)
    {
        await Storage.WriteStateAsync(Samples.StateName, Samples.Grain(held.State.Snapshot!.Id), held);
        await Publisher.PublishAsync(held.State);
    }

    protected async Task<long> CountAsync(string table) =>
        long.Parse((await Store.QueryAsync($"SELECT count(*) FROM {table}"))[0], CultureInfo.InvariantCulture);
}
