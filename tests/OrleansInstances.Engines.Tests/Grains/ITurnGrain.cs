using System.Collections.Immutable;
using Orleans.Concurrency;

namespace OrleansInstances.Engines.Tests.Grains;

[Alias("test.ITurnGrain")]
public interface ITurnGrain : IGrainWithStringKey
{
    [Alias("append")]
    Task AppendAsync(int number);

    [Alias("appended")]
    Task<ImmutableArray<int>> AppendedAsync();

    /// <summary>Gives up its thread a few times and answers how many calls were inside at most.</summary>
    [Alias("crowd")]
    Task<int> CrowdAsync();

    /// <summary>Ends when it is released.</summary>
    [Alias("hold")]
    Task HoldAsync();

    [Alias("hold-interleaved")]
    [AlwaysInterleave]
    Task HoldInterleavedAsync();

    [Alias("release")]
    [AlwaysInterleave]
    Task ReleaseAsync();

    /// <summary>How many holds are inside.</summary>
    [Alias("held")]
    [AlwaysInterleave]
    Task<int> HeldAsync();

    [Alias("ping")]
    Task PingAsync();

    [Alias("scheduling")]
    Task<string> SchedulingAsync();

    [Alias("ambient")]
    Task<string?> AmbientAsync();

    [Alias("call-self")]
    Task CallSelfAsync();

    [Alias("value-task")]
    ValueTask<int> DoubleAsync(int number);
}

[Alias("test.IReentrantGrain")]
public interface IReentrantGrain : IGrainWithStringKey
{
    [Alias("hold")]
    Task HoldAsync();

    [Alias("held")]
    Task<int> HeldAsync();

    [Alias("release")]
    Task ReleaseAsync();
}
