namespace Orleans.Configuration;

/// <summary>How long published items stay in memory. This engine forgets an item when the last subscriber has had it.</summary>
public class StreamCacheEvictionOptions
{
    public TimeSpan DataMinTimeInCache { get; set; } = TimeSpan.FromMinutes(5);

    public TimeSpan DataMaxAgeInCache { get; set; } = TimeSpan.FromMinutes(30);
}
