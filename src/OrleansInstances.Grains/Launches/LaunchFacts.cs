using System.Collections.Immutable;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>What a decision is about. What is null is taken from the config, or else from the instance.</summary>
public sealed record LaunchQuestion
{
    public Guid? ConfigId { get; init; }

    public string? ChuteId { get; init; }

    public string? JobId { get; init; }

    public Guid? InstanceId { get; init; }

    public string? Hotkey { get; init; }

    /// <summary>Empty for those of the instance.</summary>
    public ImmutableArray<string> Gpus { get; init; } = [];

    public string? Host { get; init; }

    public int Port { get; init; }
}

/// <summary>All that a decision may depend on besides the request and the time, as it is while the chute is locked.</summary>
public sealed record LaunchFacts
{
    public LaunchConfigSnapshot? Config { get; init; }

    public Chute? Chute { get; init; }

    public ChuteMiner? Miner { get; init; }

    public StoredChuteJob? Job { get; init; }

    public StoredChuteInstance? Instance { get; init; }

    public ChutePopulation Population { get; init; }

    /// <summary>Those of the question's GPUs that there are, in its order.</summary>
    public ImmutableArray<HeldGpu> Gpus { get; init; } = [];

    /// <summary>Another instance has the question's host and port.</summary>
    public bool AddressTaken { get; init; }
}

/// <summary>A chute's instances, whatever state they are in.</summary>
/// <param name="Active">Of them, those that serve: active and verified.</param>
/// <param name="Mine">Of them, those of the miner that asks.</param>
public readonly record struct ChutePopulation(int Total, int Active, int Mine);

/// <param name="InstanceId">Whose it is; null while it is free.</param>
public sealed record HeldGpu(ChuteGpu Gpu, Guid? InstanceId);

/// <summary>What is to be stored, all of it or nothing; what is null stays as it is.</summary>
public sealed record LaunchDecision
{
    /// <summary>The answer, whether or not something is stored.</summary>
    public LaunchRefusal? Refusal { get; init; }

    public LaunchConfigSnapshot? Config { get; init; }

    /// <summary>A new one takes its GPUs and address.</summary>
    public StoredChuteInstance? Instance { get; init; }

    public StoredChuteJob? Job { get; init; }

    /// <summary>The instance is removed: its GPUs, address and job are free.</summary>
    public ChuteInstanceEnding? Ending { get; init; }

    public static implicit operator LaunchDecision(LaunchRefusal refusal) => new() { Refusal = refusal };
}

/// <summary>What a decision was made of, and it.</summary>
public sealed record LaunchOutcome(LaunchFacts Facts, LaunchDecision Decision)
{
    public LaunchConfigSnapshot? Config => Decision.Config ?? Facts.Config;

    public StoredChuteInstance? Instance => Decision.Ending is not null ? null : Decision.Instance ?? Facts.Instance;

    public StoredChuteJob? Job => Decision.Job ?? Facts.Job;
}
