using System.Collections.Immutable;

namespace OrleansInstances.Instances;

/// <summary>A change to an instance's spec; what is null stays as it is.</summary>
[GenerateSerializer, Immutable, Alias("oi.InstancePatch")]
public sealed record InstancePatch
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Region { get; init; }
    [Id(2)] public string? Node { get; init; }
    [Id(3)] public ImmutableArray<string>? Command { get; init; }
    [Id(4)] public ImmutableDictionary<string, string>? Env { get; init; }
    [Id(5)] public string? Cwd { get; init; }
    [Id(6)] public StopSpec? Stop { get; init; }
    [Id(7)] public RestartSpec? Restart { get; init; }
    [Id(8)] public ConsoleSpec? Console { get; init; }
    [Id(9)] public StdinMode? Stdin { get; init; }
    [Id(10)] public NodeLossPolicy? OnNodeLoss { get; init; }
    [Id(11)] public ImmutableDictionary<string, string>? Labels { get; init; }

    /// <summary>One without any check takes the checks away.</summary>
    [Id(12)] public HealthSpec? Health { get; init; }

    [Id(13)] public ImmutableArray<InstanceDependency>? DependsOn { get; init; }
    [Id(14)] public InstanceUser? User { get; init; }
    [Id(15)] public InstanceLimits? Limits { get; init; }
    [Id(18)] public ImmutableDictionary<string, string>? NodeLabels { get; init; }

    /// <summary>What it says is changed, and nothing else of it.</summary>
    [Id(17)] public DeploymentSpec? Deployment { get; init; }
}
