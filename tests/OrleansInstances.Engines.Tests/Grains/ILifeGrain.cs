using Orleans.Concurrency;

namespace OrleansInstances.Engines.Tests.Grains;

/// <summary>Notes what happens to it in <see cref="Journal"/>. A key that starts with "refuses" can't be activated at first.</summary>
[Alias("test.ILifeGrain")]
public interface ILifeGrain : IGrainWithStringKey
{
    /// <summary>Which object answers.</summary>
    [Alias("who")]
    Task<Guid> WhoAsync();

    [Alias("end")]
    Task<Guid> EndAsync();

    /// <summary>Asks for its end, then waits for the release that comes from outside.</summary>
    [Alias("end-slowly")]
    Task<Guid> EndSlowlyAsync();
}

[Alias("test.ITimerGrain")]
public interface ITimerGrain : IGrainWithStringKey
{
    [Alias("start")]
    Task StartAsync(TimeSpan dueTime, TimeSpan period, bool interleave, bool fail);

    [Alias("change")]
    Task ChangeAsync(TimeSpan dueTime, TimeSpan period);

    [Alias("stop")]
    Task StopAsync();

    [Alias("ticks")]
    [AlwaysInterleave]
    Task<int> TicksAsync();

    /// <summary>Stays until as many ticks were seen, at most this long; answers how many were.</summary>
    [Alias("stay")]
    Task<int> StayAsync(TimeSpan atMost, int ticks);

    /// <summary>Whether ticks ran on the grain's scheduler and one at a time.</summary>
    [Alias("orderly")]
    [AlwaysInterleave]
    Task<bool> WereOrderlyAsync();
}
