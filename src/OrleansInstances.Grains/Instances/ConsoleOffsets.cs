namespace OrleansInstances.Grains.Instances;

/// <summary>
/// How far an instance's output can have come, on whatever node: an offset that a reader has passed is never used again.
/// Immutable.
/// </summary>
/// <param name="End">The largest offset that is known to be an end.</param>
/// <param name="UnseenSince">Since when more may have been written that no node has told the end of; null when none was.</param>
/// <param name="From">Where the current epoch's console begins unless its node has more; 0 says nothing.</param>
public sealed record ConsoleOffsets(long End, DateTimeOffset? UnseenSince, long From)
{
    /// <summary>Bytes a second: no keeper takes as much from one instance.</summary>
    private const long MostPerSecond = 1L << 30;

    /// <summary>For clocks that differ.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    /// <summary>Of an instance whose state may be from before it was kept.</summary>
    public static ConsoleOffsets Of(InstanceState state) =>
        state.Console ?? new(0, state.Snapshot is { Epoch: > 0 } instance ? instance.CreatedAt : null, 0);

    /// <summary>For the next epoch.</summary>
    /// <param name="stays">Its node has what was written so far, and goes on behind it by itself; where nothing ran there yet, it is told again where to begin.</param>
    public ConsoleOffsets Begin(bool stays, DateTimeOffset now)
    {
        if (stays)
        {
            return this;
        }

        var beyond = UnseenSince is { } since ? End + ((long)(now - since + Slack).TotalSeconds * MostPerSecond) : End;
        return new(beyond, null, beyond);
    }

    /// <summary>A node told where the console ended.</summary>
    public ConsoleOffsets Ended(long end) => new(Math.Max(End, end), null, From);

    /// <summary>A run that began then is over, and nobody knows how much it wrote.</summary>
    public ConsoleOffsets EndedUnseen(DateTimeOffset begunAt) => this with { UnseenSince = UnseenSince ?? begunAt };
}
