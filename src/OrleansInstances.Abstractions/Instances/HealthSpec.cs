using System.Collections.Immutable;

namespace OrleansInstances.Instances;

/// <summary>How it is seen whether a running instance works: exactly one of a command, a TCP port and an HTTP request.</summary>
[GenerateSerializer, Immutable, Alias("oi.HealthSpec")]
public sealed record HealthSpec
{
    /// <summary>Runs in the instance's environment and folder; exit code 0 is healthy. Empty for another kind of check.</summary>
    [Id(0)] public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>A port of 127.0.0.1, or of a remote workload's host, that takes connections; 0 for another kind of check.</summary>
    [Id(1)] public int TcpPort { get; init; }

    /// <summary>A port of that host that answers GET with a status of 200 to 399; 0 for another kind of check.</summary>
    [Id(2)] public int HttpPort { get; init; }

    [Id(3)] public string HttpPath { get; init; } = "/";

    /// <summary>From the end of a check to the next one; the first comes at once.</summary>
    [Id(4)] public double IntervalSeconds { get; init; } = 10;

    /// <summary>A check that takes longer has failed.</summary>
    [Id(5)] public double TimeoutSeconds { get; init; } = 2;

    /// <summary>Failures in a row that make it unhealthy. One success makes it healthy.</summary>
    [Id(6)] public int Retries { get; init; } = 3;

    /// <summary>Failures within this time of the start don't count.</summary>
    [Id(7)] public double StartPeriodSeconds { get; init; }

    /// <summary>Stop it when it is unhealthy, and start it again as after a failure, whatever its restart policy.</summary>
    [Id(8)] public bool Restart { get; init; }

    /// <summary>How many kinds of check it names.</summary>
    public int Kinds => (Command.IsDefaultOrEmpty ? 0 : 1) + (TcpPort != 0 ? 1 : 0) + (HttpPort != 0 ? 1 : 0);
}

/// <summary>What health checks say of a run.</summary>
public enum InstanceHealth
{
    /// <summary>There are none, or none has decided yet.</summary>
    Unknown = 0,
    Healthy = 1,
    Unhealthy = 2,
}
