using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>
/// Launch configs and what they brought up, beside the inventory. What one of them holds (a place of its chute, GPUs, an
/// address, a job) is decided and taken in one transaction that holds the chute.
/// </summary>
public interface ILaunchStore
{
    /// <summary>
    /// Reads what <paramref name="question"/> is about, has it decided, and stores the decision. It may be decided more than
    /// once, on newer facts, when others were quicker; only the last time counts.
    /// </summary>
    Task<LaunchOutcome> DecideAsync(LaunchQuestion question, Func<LaunchFacts, LaunchDecision> decide);

    Task<LaunchConfigSnapshot?> FindConfigAsync(Guid configId);

    /// <summary>What is to be done of an instance; null when there never was one, or all of it is done.</summary>
    Task<ChuteInstanceWork?> FindWorkAsync(Guid instanceId);

    /// <summary>The name of a GPU, <c>NVIDIA H100 80GB HBM3</c>; null when there is none of this uuid any more.</summary>
    Task<string?> FindGpuNameAsync(string uuid);

    /// <summary>Notes that these stages have reached the instance of the same id.</summary>
    Task MarkNotedAsync(Guid instanceId, ChuteInstanceStages stages);

    /// <summary>Notes that the instance of the same id is gone too.</summary>
    Task ForgetAsync(Guid instanceId);

    /// <summary>Configs and instances that are overdue or not carried through, the oldest ids first.</summary>
    Task<LaunchesToWake> FindUnfinishedAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);
}

/// <param name="Instance">As it is, or was at its end.</param>
/// <param name="Noted">What has reached the instance of the same id.</param>
/// <param name="Ending">Null while it exists.</param>
public sealed record ChuteInstanceWork(StoredChuteInstance Instance, ChuteInstanceStages Noted, ChuteInstanceEnding? Ending);

public sealed record LaunchesToWake(IReadOnlyList<Guid> Configs, IReadOnlyList<Guid> Instances);
