namespace OrleansInstances.Engines.Tests.Grains;

public sealed class LifeGrain : Grain, ILifeGrain, IDisposable
{
    private readonly Guid _id = Guid.NewGuid();
    private string _key = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = this.GetPrimaryKeyString();
        Journal.Note(_key, "activate");
        return _key.StartsWith("refuses", StringComparison.Ordinal) && Journal.Of(_key).Length == 1
            ? throw new InvalidOperationException("not today")
            : Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Note(_key, $"deactivate {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<Guid> WhoAsync() => Task.FromResult(_id);

    public Task<Guid> EndAsync()
    {
        DeactivateOnIdle();
        return Task.FromResult(_id);
    }

    public async Task<Guid> EndSlowlyAsync()
    {
        DeactivateOnIdle();
        Journal.Note(_key, "ending");
        await Journal.ReleaseOf(_key).Task;
        Journal.Note(_key, "ended");
        return _id;
    }

    public void Dispose() => Journal.Note(_key, "dispose");
}
