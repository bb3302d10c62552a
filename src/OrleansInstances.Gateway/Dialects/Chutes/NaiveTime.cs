using System.Globalization;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>Times as this dialect writes them: UTC that does not say so, with microseconds.</summary>
internal static class NaiveTime
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
}
