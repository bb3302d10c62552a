using System.Buffers.Binary;
using System.Globalization;
using OrleansInstances.Keeper.Console;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class ConsoleTests : IAsyncLifetime
{
    private const int Lines = 1_000_000;
    private const int LineBytes = 100;

    // seq pads the number itself; the rest of the line is filled up to 99 characters and the line feed.
    private static readonly string NumberedLines = $"seq -f '%010.0f {new string('x', LineBytes - 12)}' 0";

    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_million_lines_are_captured_whole_and_in_order()
    {
        var start = TestNode.Script($"exec {NumberedLines} {Lines - 1}");

        await _node.Client.RunAsync(start);
        var end = await _node.Client.EndAsync(start.InstanceId);

        var (offset, bytes) = _node.Console(start.InstanceId);
        Assert.Equal((0L, (long)Lines * LineBytes), (offset, bytes.LongLength));
        Assert.Equal(bytes.LongLength, end.ConsoleEnd);
        AssertNumbered(bytes, 0);
        AssertIndexAscends(start.InstanceId);
    }

    [Fact]
    public async Task The_oldest_output_is_dropped_past_the_bound_and_offsets_go_on()
    {
        const long Bound = 1024 * 1024;
        var start = TestNode.Script($"{NumberedLines} 99999") with { ConsoleMaxBytes = Bound };

        await _node.Client.RunAsync(start);
        var end = await _node.Client.EndAsync(start.InstanceId);

        var (offset, bytes) = _node.Console(start.InstanceId);
        Assert.Equal(10_000_000, end.ConsoleEnd);
        Assert.Equal(end.ConsoleEnd, offset + bytes.Length);
        Assert.InRange(bytes.Length, Bound / 2, Bound);
        var firstLine = (offset + LineBytes - 1) / LineBytes;
        AssertNumbered(bytes.AsSpan((int)((firstLine * LineBytes) - offset)), firstLine);
        Assert.Equal(
            Directory.GetFiles(_node.Folder(start.InstanceId).Console, "*.log").Length,
            Directory.GetFiles(_node.Folder(start.InstanceId).Console, "*.idx").Length);
    }

    [Fact]
    public async Task A_console_begins_where_the_start_says_and_goes_on_from_there()
    {
        const long From = 1L << 44;
        var first = TestNode.Script("read go; echo one") with { ConsoleFrom = From };
        await _node.Client.RunAsync(first);
        await using var stdin = _node.HoldInput(first.InstanceId);
        await _node.RestartKeeperAsync();
        await _node.WriteInputAsync(first.InstanceId, "go\n");
        var firstEnd = await _node.Client.EndAsync(first.InstanceId);

        var second = TestNode.Script("echo two", first.InstanceId, epoch: 2) with { ConsoleFrom = 7 };
        await _node.Client.RunAsync(second);
        var secondEnd = await _node.Client.EndAsync(second.InstanceId, 2);

        Assert.Equal((From + 4, From + 8), (firstEnd.ConsoleEnd, secondEnd.ConsoleEnd));
        Assert.Equal((From, "one\ntwo\n"), (_node.Console(first.InstanceId).Offset, _node.ConsoleText(first.InstanceId)));
    }

    [Fact]
    public async Task The_console_goes_on_across_runs_and_keepers()
    {
        var first = TestNode.Script("echo one");
        await _node.Client.RunAsync(first);
        var firstEnd = await _node.Client.EndAsync(first.InstanceId);
        await _node.RestartKeeperAsync();

        var second = TestNode.Script("echo two", first.InstanceId, epoch: 2);
        await _node.Client.RunAsync(second);
        var secondEnd = await _node.Client.EndAsync(second.InstanceId, 2);

        Assert.Equal((4L, 8L), (firstEnd.ConsoleEnd, secondEnd.ConsoleEnd));
        Assert.Equal("one\ntwo\n", _node.ConsoleText(first.InstanceId));
        AssertIndexAscends(first.InstanceId);
    }

    [Fact]
    public async Task Output_to_stderr_and_to_the_descriptors_reopened_by_name_is_captured()
    {
        var start = TestNode.Script("echo a; echo b >&2; echo c > /dev/stdout; echo d > /dev/stderr");

        await _node.Client.RunAsync(start);
        await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal("a\nb\nc\nd\n", _node.ConsoleText(start.InstanceId));
    }

    [Fact]
    public async Task A_split_console_says_of_every_byte_which_stream_it_came_from_also_after_another_keeper()
    {
        var start = TestNode.Script("for i in 1 2 3; do echo out $i; read go; echo err $i >&2; read go; done") with { Split = true };
        await _node.Client.RunAsync(start);
        await using var stdin = _node.HoldInput(start.InstanceId);
        var expected = "";
        for (var line = 0; line < 6; line++)
        {
            expected += (line % 2 == 0 ? "out " : "err ") + ((line / 2) + 1).ToString(CultureInfo.InvariantCulture) + "\n";
            await _node.ConsoleContainsAsync(start.InstanceId, expected);
            if (line == 2)
            {
                await _node.RestartKeeperAsync();
            }

            await _node.WriteInputAsync(start.InstanceId, "\n");
        }

        await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal(expected, _node.ConsoleText(start.InstanceId));
        var streams = StreamsOf(start.InstanceId, expected.Length);
        for (var at = 0; at < expected.Length; at++)
        {
            Assert.Equal(expected[at - (at % "out 1\n".Length)] == 'e' ? ConsoleStream.Error : ConsoleStream.Output, streams[at]);
        }
    }

    [Fact]
    public async Task A_watch_is_told_once_when_the_console_passes_its_offset()
    {
        var start = TestNode.Script("echo one; read go; echo two; read go; echo three; read go");
        await _node.Client.RunAsync(start);
        await using var stdin = _node.HoldInput(start.InstanceId);

        await WatchAsync(start.InstanceId, 0);
        Assert.Equal(4, (await NoticeAsync()).End);
        await _node.WriteInputAsync(start.InstanceId, "\n");
        await _node.ConsoleContainsAsync(start.InstanceId, "two");
        await WatchAsync(start.InstanceId, 8);
        await WatchAsync(start.InstanceId, 8);
        await _node.WriteInputAsync(start.InstanceId, "\n");

        Assert.Equal(14, (await NoticeAsync()).End);
        await _node.WriteInputAsync(start.InstanceId, "\n");
        await _node.Client.EndAsync(start.InstanceId);
        Assert.False(_node.Client.Outputs.Reader.TryRead(out var another), $"{another}");
        Assert.Equal(KeeperErrorCodes.Conflict, (await _node.Client.SendAsync(new WatchOutputRequest(start.InstanceId, 14))).Error?.Code);
    }

    [Fact]
    public async Task While_the_disk_takes_nothing_the_program_is_held_back_and_nothing_is_lost()
    {
        const int Count = 100_000;
        var start = TestNode.Script($"read line; {NumberedLines} {Count - 1}; touch done") with { ConsoleMaxBytes = 16 * 1024 * 1024 };
        var folder = _node.Folder(start.InstanceId);
        await _node.Client.RunAsync(start);

        RefuseSegments(folder);
        await _node.WriteInputAsync(start.InstanceId, "\n");
        await KeeperLogsAsync("is held back");
        var others = TestNode.Script("echo fine");
        await _node.Client.RunAsync(others);
        await _node.Client.EndAsync(others.InstanceId);
        Assert.False(File.Exists(Path.Combine(folder.Files, "done")));

        TakeSegments(folder);
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal(0, end.ExitCode);
        AssertNumbered(_node.Console(start.InstanceId).Bytes, 0);
        Assert.Equal(Count * LineBytes, end.ConsoleEnd);
    }

    [Fact]
    public async Task What_the_disk_refused_until_after_the_exit_is_in_the_console_before_the_exit_is_told()
    {
        // A little more than the 256 KiB of a segment of this bound: the rest stays in the FIFO.
        const int Count = 2_700;
        var start = TestNode.Script($"read line; {NumberedLines} {Count - 1}") with { ConsoleMaxBytes = 1024 * 1024 };
        var folder = _node.Folder(start.InstanceId);
        var run = await _node.Client.RunAsync(start);

        RefuseSegments(folder);
        await _node.WriteInputAsync(start.InstanceId, "\n");
        await KeeperLogsAsync("its last output waits");
        Assert.True(LiveProcess.IsGone(run.Pid));
        Assert.Empty(_node.Client.Notices);
        TakeSegments(folder);
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal(Count * LineBytes, end.ConsoleEnd);
        AssertNumbered(_node.Console(start.InstanceId).Bytes, 0);
    }

    private async Task WatchAsync(Guid instanceId, long from) =>
        Assert.Null((await _node.Client.SendAsync(new WatchOutputRequest(instanceId, from))).Error);

    private Task<OutputNotice> NoticeAsync() =>
        Eventually.WithinDeadlineAsync(_node.Client.Outputs.Reader.ReadAsync().AsTask(), "the notice of output");

    private ConsoleStream[] StreamsOf(Guid instanceId, int length)
    {
        var streams = new ConsoleStream[length];
        foreach (var index in Directory.GetFiles(_node.Folder(instanceId).Console, "*" + ConsoleFormat.IndexSuffix).Order())
        {
            var entries = File.ReadAllBytes(index).AsSpan();
            for (; !entries.IsEmpty; entries = entries[ConsoleFormat.IndexEntryBytes..])
            {
                var stamp = ConsoleFormat.ReadStamp(BinaryPrimitives.ReadInt64LittleEndian(entries[8..]));
                streams.AsSpan((int)BinaryPrimitives.ReadInt64LittleEndian(entries)).Fill(stamp.Stream);
            }
        }

        return streams;
    }

    private Task KeeperLogsAsync(string text) => Eventually.TrueAsync(
        () => File.ReadAllText(InstanceFolder.KeeperLog(_node.DataFolder)).Contains(text, StringComparison.Ordinal),
        $"'{text}' in the keeper's log");

    // A file in the folder's place: no new segment can be made, neither by root nor by anybody else.
    private static void RefuseSegments(InstanceFolder folder)
    {
        Directory.Move(folder.Console, folder.Console + ".moved");
        File.WriteAllText(folder.Console, "");
    }

    private static void TakeSegments(InstanceFolder folder)
    {
        File.Delete(folder.Console);
        Directory.Move(folder.Console + ".moved", folder.Console);
    }

    private static void AssertNumbered(ReadOnlySpan<byte> bytes, long first)
    {
        Assert.Equal(0, bytes.Length % LineBytes);
        for (var at = 0; at < bytes.Length; at += LineBytes)
        {
            var expected = first + (at / LineBytes);
            if (!long.TryParse(bytes.Slice(at, 10), CultureInfo.InvariantCulture, out var number) || number != expected || bytes[at + LineBytes - 1] != '\n')
            {
                Assert.Fail($"Line {expected} is not where it belongs.");
            }
        }
    }

    private void AssertIndexAscends(Guid instanceId)
    {
        var folder = _node.Folder(instanceId).Console;
        var end = _node.Console(instanceId) is var (offset, bytes) ? offset + bytes.Length : 0;
        (long Offset, long Time) last = (-1, 0);
        foreach (var index in Directory.GetFiles(folder, "*" + ConsoleFormat.IndexSuffix).Order())
        {
            var entries = File.ReadAllBytes(index).AsSpan();
            Assert.Equal(0, entries.Length % ConsoleFormat.IndexEntryBytes);
            Assert.Equal(Path.GetFileName(index), ConsoleFormat.IndexName(BinaryPrimitives.ReadInt64LittleEndian(entries)));
            for (; !entries.IsEmpty; entries = entries[ConsoleFormat.IndexEntryBytes..])
            {
                var entry = (BinaryPrimitives.ReadInt64LittleEndian(entries), BinaryPrimitives.ReadInt64LittleEndian(entries[8..]));
                Assert.True(entry.Item1 > last.Offset && entry.Item2 >= last.Time && entry.Item1 < end, $"{entry} after {last}, console ends at {end}");
                last = entry;
            }
        }
    }
}
