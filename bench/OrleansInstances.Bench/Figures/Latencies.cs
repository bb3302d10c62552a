namespace OrleansInstances.Bench.Figures;

/// <summary>How long one thing took, many times.</summary>
internal sealed class Latencies
{
    private readonly double[] _ascending;

    public Latencies(IEnumerable<TimeSpan> samples)
    {
        _ascending = [.. samples.Select(sample => sample.TotalMilliseconds).Order()];
    }

    /// <summary>In milliseconds.</summary>
    public double Median => Rank(0.5);

    /// <summary>In milliseconds.</summary>
    public double P95 => Rank(0.95);

    /// <summary>
    /// Runs ours and its floor in turns, so that whatever else the machine does meets both; the first
    /// <paramref name="warmUp"/> of each are not counted.
    /// </summary>
    public static async Task<(Latencies Ours, Latencies Floor)> CompareAsync(int warmUp, int count, Func<Task<TimeSpan>> ours, Func<Task<TimeSpan>> floor)
    {
        var (ourSamples, floorSamples) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < warmUp + count; i++)
        {
            ourSamples.Add(await ours());
            floorSamples.Add(await floor());
        }

        return (new Latencies(ourSamples.Skip(warmUp)), new Latencies(floorSamples.Skip(warmUp)));
    }

    /// <summary>Nearest rank: always a value that was measured.</summary>
    private double Rank(double part) => _ascending[(int)Math.Ceiling(part * _ascending.Length) - 1];
}
