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

    /// <summary>Runs something many times, one after the other; the first <paramref name="warmUp"/> are not counted.</summary>
    public static async Task<Latencies> CollectAsync(int warmUp, int count, Func<Task<TimeSpan>> once)
    {
        var samples = new List<TimeSpan>(count);
        for (var i = 0; i < warmUp + count; i++)
        {
            var sample = await once();
            if (i >= warmUp)
            {
                samples.Add(sample);
            }
        }

        return new Latencies(samples);
    }

    /// <summary>Nearest rank: always a value that was measured.</summary>
    private double Rank(double part) => _ascending[(int)Math.Ceiling(part * _ascending.Length) - 1];
}
