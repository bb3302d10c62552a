using System.Buffers.Binary;
using OrleansInstances.Keeper.Console;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Console;

/// <summary>Writes segment files as the keeper does.</summary>
internal sealed class ConsoleFixture : IDisposable
{
    private readonly TempFolder _folder = new();

    public string Path => _folder.Path;

    public void Segment(long offset, ReadOnlySpan<byte> data, params (long Offset, DateTimeOffset At)[] times)
    {
        File.WriteAllBytes(System.IO.Path.Combine(Path, ConsoleFormat.SegmentName(offset)), data);
        var index = new byte[times.Length * ConsoleFormat.IndexEntryBytes];
        for (var i = 0; i < times.Length; i++)
        {
            var entry = index.AsSpan(i * ConsoleFormat.IndexEntryBytes);
            BinaryPrimitives.WriteInt64LittleEndian(entry, times[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], times[i].At.ToUnixTimeMilliseconds());
        }

        File.WriteAllBytes(System.IO.Path.Combine(Path, ConsoleFormat.IndexName(offset)), index);
    }

    public void Drop(long offset)
    {
        File.Delete(System.IO.Path.Combine(Path, ConsoleFormat.SegmentName(offset)));
        File.Delete(System.IO.Path.Combine(Path, ConsoleFormat.IndexName(offset)));
    }

    public void Dispose() => _folder.Dispose();
}
