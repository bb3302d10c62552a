namespace OrleansInstances.Nodes.Console;

/// <summary>How fast one instance's output may be published: streams keep in memory what was, for a while.</summary>
internal sealed class OutputPace(TimeProvider time)
{
    private const double BytesPerSecond = 1024 * 1024;
    private const double BurstBytes = 1024 * 1024;

    private double _debt;
    private long _since = time.GetTimestamp();

    /// <summary>How long to wait after so many bytes.</summary>
    public TimeSpan Spend(int bytes)
    {
        var now = time.GetTimestamp();
        _debt = Math.Max(0, _debt - (time.GetElapsedTime(_since, now).TotalSeconds * BytesPerSecond)) + bytes;
        _since = now;
        return TimeSpan.FromSeconds(Math.Max(0, _debt - BurstBytes) / BytesPerSecond);
    }
}
