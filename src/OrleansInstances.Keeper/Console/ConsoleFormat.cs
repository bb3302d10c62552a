using System.Globalization;

namespace OrleansInstances.Keeper.Console;

/// <summary>
/// An instance's console on disk. Bytes have offsets from 0 that go on across runs. A segment file holds the bytes from
/// the offset in its name up to the next segment; beside it a time index of 16-byte entries, little endian: offset, then
/// unix time in milliseconds, "the bytes from here on were captured at this time", both ascending; bit 62 of the time says
/// that they came from stderr. An entry that begins another stream is written before its data, so that no byte ever counts
/// as the other stream's: it may point at the end of the data, and the next entry may have the same offset and counts in
/// its place. Any other entry follows its data. The oldest segments are deleted when the sum passes the bound.
/// </summary>
public static class ConsoleFormat
{
    public const string SegmentSuffix = ".log";
    public const string IndexSuffix = ".idx";
    public const int IndexEntryBytes = 16;

    private const long ErrorBit = 1L << 62;

    /// <summary>The second half of an index entry.</summary>
    public static long Stamp(long unixMs, ConsoleStream stream) => stream == ConsoleStream.Error ? unixMs | ErrorBit : unixMs;

    /// <summary>What <see cref="Stamp"/> put together.</summary>
    public static (long UnixMs, ConsoleStream Stream) ReadStamp(long stamp) =>
        (stamp & ~ErrorBit, (stamp & ErrorBit) != 0 ? ConsoleStream.Error : ConsoleStream.Output);

    /// <summary>A quarter of the bound, between 64 KiB and 16 MiB: with three full segments and one growing, the sum stays within the bound.</summary>
    public static long SegmentBytes(long maxBytes) => Math.Clamp(maxBytes / 4, 64 * 1024, 16 * 1024 * 1024);

    public static string SegmentName(long offset) => offset.ToString("x16", CultureInfo.InvariantCulture) + SegmentSuffix;

    public static string IndexName(long offset) => offset.ToString("x16", CultureInfo.InvariantCulture) + IndexSuffix;

    /// <summary>The first offset of a segment file by its name; false for any other file.</summary>
    public static bool TryParseSegment(ReadOnlySpan<char> fileName, out long offset)
    {
        offset = 0;
        return fileName.Length == 16 + SegmentSuffix.Length
            && fileName.EndsWith(SegmentSuffix, StringComparison.Ordinal)
            && long.TryParse(fileName[..16], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out offset);
    }
}
