using Orleans.Concurrency;

namespace OrleansInstances.Engines.Tests.Grains;

[Alias("test.IFaultGrain")]
public interface IFaultGrain : IGrainWithGuidKey
{
    [Alias("throw")]
    Task ThrowAsync(string message);

    /// <summary>Throws before it returns a task.</summary>
    [Alias("throw-at-once")]
    Task<int> ThrowAtOnceAsync(string message);

    [Alias("throw-cancelled")]
    Task ThrowCancelledAsync();

    [Alias("wait")]
    Task WaitAsync(CancellationToken cancellation);

    [Alias("waits-cancelled")]
    [AlwaysInterleave]
    Task<int> WaitsCancelledAsync();

    /// <summary>Takes longer than the response timeout, then counts.</summary>
    [Alias("count-late")]
    Task CountLateAsync(TimeSpan delay);

    [Alias("count")]
    Task CountAsync();

    [Alias("counted")]
    [AlwaysInterleave]
    Task<int> CountedAsync();

    [Alias("one-way")]
    [OneWay]
    Task OneWayAsync(TimeSpan delay);
}

/// <summary>Nobody implements it.</summary>
[Alias("test.IMissingGrain")]
public interface IMissingGrain : IGrainWithGuidKey
{
    [Alias("ping")]
    Task PingAsync();
}
