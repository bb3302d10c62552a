using System.Globalization;
using System.Text;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>What stands in a log in place of bytes that are no longer kept.</summary>
internal static class GapNotice
{
    public static byte[] Of(long from, long to) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"[{to - from} bytes of output are no longer kept]"));
}
