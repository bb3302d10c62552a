namespace OrleansInstances.Engines.Tests.Grains;

public sealed record Counter
{
    public int Value { get; init; } = 7;
}

public sealed class StateGrain([PersistentState("counter", DictionaryStorage.Name)] IPersistentState<Counter> stored) : Grain, IStateGrain
{
    private readonly Guid _id = Guid.NewGuid();

    public Task<StateView> ReadAsync() => Task.FromResult(View());

    public async Task<StateView> WriteAsync(int value)
    {
        stored.State = stored.State with { Value = value };
        await stored.WriteStateAsync();
        return View();
    }

    public async Task<StateView> ClearAsync()
    {
        await stored.ClearStateAsync();
        return View();
    }

    public Task<Guid> WhoAsync() => Task.FromResult(_id);

    public Task WriteThroughAsync(string other, int value) => GrainFactory.GetGrain<IStateGrain>(other).WriteAsync(value);

    private StateView View() => new(stored.State.Value, stored.RecordExists, stored.Etag);
}
