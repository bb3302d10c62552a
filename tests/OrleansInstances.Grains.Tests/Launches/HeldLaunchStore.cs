using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Tests.Launches;

/// <summary>In front of the real store: fails where a test says so.</summary>
internal sealed class HeldLaunchStore(ILaunchStore store) : ILaunchStore
{
    /// <summary>Throws before anything is done.</summary>
    public Action<LaunchQuestion> BeforeDecision { get; set; } = _ => { };

    /// <summary>Throws when it is stored: who asked does not hear of it.</summary>
    public Action<LaunchQuestion> AfterDecision { get; set; } = _ => { };

    /// <summary>Throws before it is noted that an instance has followed.</summary>
    public Action<Guid> BeforeNoted { get; set; } = _ => { };

    public async Task<LaunchOutcome> DecideAsync(LaunchQuestion question, Func<LaunchFacts, LaunchDecision> decide)
    {
        BeforeDecision(question);
        var outcome = await store.DecideAsync(question, decide);
        AfterDecision(question);
        return outcome;
    }

    public Task<LaunchConfigSnapshot?> FindConfigAsync(Guid configId) => store.FindConfigAsync(configId);

    public Task<ChuteInstanceWork?> FindWorkAsync(Guid instanceId) => store.FindWorkAsync(instanceId);

    public Task<string?> FindGpuNameAsync(string uuid) => store.FindGpuNameAsync(uuid);

    public Task MarkNotedAsync(Guid instanceId, ChuteInstanceStages stages)
    {
        BeforeNoted(instanceId);
        return store.MarkNotedAsync(instanceId, stages);
    }

    public Task ForgetAsync(Guid instanceId)
    {
        BeforeNoted(instanceId);
        return store.ForgetAsync(instanceId);
    }

    public Task<LaunchesToWake> FindUnfinishedAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        store.FindUnfinishedAsync(now, limit, cancellationToken);
}
