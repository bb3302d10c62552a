using System.Text;
using OrleansInstances.Nodes.Console;

namespace OrleansInstances.Nodes.Tests.Console;

public sealed class ConsoleReaderTests : IDisposable
{
    private static readonly DateTimeOffset T0 = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
    private readonly ConsoleFixture _console = new();

    public void Dispose() => _console.Dispose();

    [Fact]
    public void A_missing_console_is_null()
    {
        Assert.Null(ConsoleReader.Read(Path.Combine(_console.Path, "none"), Query()));
    }

    [Fact]
    public void A_console_without_output_is_empty()
    {
        var slice = ConsoleReader.Read(_console.Path, Query(from: 7))!;

        Assert.Equal((0, 0, 0), (slice.Offset, slice.Data.Length, slice.Head));
    }

    [Fact]
    public void A_slice_goes_on_across_segments()
    {
        _console.Segment(0, "abcde"u8);
        _console.Segment(5, "fgh"u8);
        _console.Segment(8, "ij"u8);

        var slice = ConsoleReader.Read(_console.Path, Query(from: 3, maxBytes: 6))!;

        Assert.Equal((3, "defghi", 10), (slice.Offset, Text(slice), slice.Head));
    }

    [Theory]
    [InlineData(0, 0, "")]
    [InlineData(0, 4, "abcd")]
    [InlineData(9, 100, "")]
    [InlineData(100, 100, "")]
    [InlineData(8, 100, "i")]
    public void From_and_the_bound_are_kept_within_what_is_there(long from, int maxBytes, string expected)
    {
        _console.Segment(0, "abcdefghi"u8);

        var slice = ConsoleReader.Read(_console.Path, Query(from, maxBytes: maxBytes))!;

        Assert.Equal((Math.Min(from, 9), expected, 9), (slice.Offset, Text(slice), slice.Head));
    }

    [Fact]
    public void An_offset_that_was_dropped_gives_the_later_one()
    {
        _console.Segment(100, "abc"u8);

        var slice = ConsoleReader.Read(_console.Path, Query(from: 20))!;

        Assert.Equal((100, "abc", 103), (slice.Offset, Text(slice), slice.Head));
    }

    [Fact]
    public void At_most_a_mebibyte_is_given()
    {
        _console.Segment(0, new byte[3 * 1024 * 1024]);

        var slice = ConsoleReader.Read(_console.Path, Query(from: 0, maxBytes: int.MaxValue))!;

        Assert.Equal(1024 * 1024, slice.Data.Length);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "four\n")]
    [InlineData(2, "three\nfour\n")]
    [InlineData(3, "two\nthree\nfour\n")]
    [InlineData(4, "one\ntwo\nthree\nfour\n")]
    [InlineData(50, "one\ntwo\nthree\nfour\n")]
    public void The_last_lines_are_found_across_segments(int lines, string expected)
    {
        _console.Segment(0, "one\ntw"u8);
        _console.Segment(6, "o\nthree\n"u8);
        _console.Segment(14, "four\n"u8);

        Assert.Equal(expected, Text(ConsoleReader.Read(_console.Path, Query(tail: lines))!));
    }

    [Fact]
    public void An_unfinished_last_line_counts_as_a_line()
    {
        _console.Segment(0, "one\ntwo\nthr"u8);

        Assert.Equal("two\nthr", Text(ConsoleReader.Read(_console.Path, Query(tail: 2))!));
    }

    [Fact]
    public void The_last_lines_are_found_behind_lines_longer_than_a_block()
    {
        var text = "first\n" + new string('x', 200_000) + "\nlast\n";
        _console.Segment(0, Encoding.UTF8.GetBytes(text));

        var slice = ConsoleReader.Read(_console.Path, Query(tail: 2))!;

        Assert.Equal(6, slice.Offset);
    }

    [Fact]
    public void Every_tail_agrees_with_splitting_the_whole_text()
    {
        var random = new Random(4711);
        var text = new StringBuilder();
        while (text.Length < 150_000)
        {
            text.Append('a', random.Next(0, 400)).Append('\n');
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        for (var offset = 0; offset < bytes.Length; offset += 40_000)
        {
            _console.Segment(offset, bytes.AsSpan(offset, Math.Min(40_000, bytes.Length - offset)));
        }

        var lines = text.ToString().Split('\n')[..^1];
        foreach (var count in (int[])[1, 2, 10, 99, 500, lines.Length])
        {
            var expected = string.Concat(lines[^count..].Select(line => line + "\n"));
            Assert.Equal(expected, Text(ConsoleReader.Read(_console.Path, Query(tail: count))!));
        }
    }

    [Theory]
    [InlineData(-5, "abcdefghij")]
    [InlineData(0, "abcdefghij")]
    [InlineData(1, "defghij")]
    [InlineData(20, "defghij")]
    [InlineData(25, "fghij")]
    [InlineData(40, "ij")]
    [InlineData(41, "")]
    public void Since_begins_with_the_first_bytes_captured_at_or_after(int seconds, string expected)
    {
        _console.Segment(0, "abcde"u8, (0, T0), (3, T0.AddSeconds(20)));
        _console.Segment(5, "fgh"u8, (5, T0.AddSeconds(30)));
        _console.Segment(8, "ij"u8, (8, T0.AddSeconds(40)));

        Assert.Equal(expected, Text(ConsoleReader.Read(_console.Path, Query(since: T0.AddSeconds(seconds)))!));
    }

    [Fact]
    public void Since_takes_in_the_whole_millisecond_it_lies_in()
    {
        _console.Segment(0, "ab"u8, (0, T0));

        Assert.Equal("ab", Text(ConsoleReader.Read(_console.Path, Query(since: T0.AddTicks(5)))!));
    }

    [Fact]
    public void Since_and_tail_together_give_the_shorter_one()
    {
        _console.Segment(0, "a\nb\nc\n"u8, (0, T0), (4, T0.AddSeconds(9)));

        Assert.Equal("c\n", Text(ConsoleReader.Read(_console.Path, Query(tail: 2, since: T0.AddSeconds(5)))!));
        Assert.Equal("c\n", Text(ConsoleReader.Read(_console.Path, Query(tail: 1, since: T0))!));
    }

    [Fact]
    public void Times_cover_exactly_the_slice()
    {
        _console.Segment(0, "abcde"u8, (0, T0), (3, T0.AddSeconds(20)));
        _console.Segment(5, "fgh"u8, (6, T0.AddSeconds(30)));
        _console.Segment(8, "ij"u8, (8, T0.AddSeconds(40)));

        var slice = ConsoleReader.Read(_console.Path, Query(from: 4, maxBytes: 4))!;

        Assert.Equal([new OutputTime(4, T0.AddSeconds(20)), new OutputTime(6, T0.AddSeconds(30))], slice.Times.AsEnumerable());
    }

    [Fact]
    public void A_half_written_index_entry_is_not_read()
    {
        _console.Segment(0, "abcde"u8, (0, T0));
        using (var index = File.Open(Directory.GetFiles(_console.Path, "*.idx").Single(), FileMode.Append))
        {
            index.Write(new byte[9]);
        }

        Assert.Equal([new OutputTime(0, T0)], ConsoleReader.Read(_console.Path, Query(from: 0))!.Times.AsEnumerable());
    }

    [Fact]
    public void A_segment_shorter_than_its_successor_says_leaves_a_gap_behind_which_reading_goes_on()
    {
        _console.Segment(0, "abc"u8);
        _console.Segment(5, "fgh"u8);

        var before = ConsoleReader.Read(_console.Path, Query(from: 0))!;
        var after = ConsoleReader.Read(_console.Path, Query(from: before.Offset + before.Data.Length))!;

        Assert.Equal((0, "abc"), (before.Offset, Text(before)));
        Assert.Equal((5, "fgh"), (after.Offset, Text(after)));
    }

    [Fact]
    public async Task A_reader_keeps_going_while_the_oldest_segments_are_dropped()
    {
        const int SegmentBytes = 1000;
        const int Segments = 300;
        _console.Segment(0, Data(0));
        var writer = Task.Run(() =>
        {
            for (var segment = 1; segment < Segments; segment++)
            {
                _console.Segment(segment * SegmentBytes, Data(segment));
                if (segment >= 4)
                {
                    _console.Drop((segment - 4) * SegmentBytes);
                }
            }
        });

        var at = 0L;
        while (at < Segments * SegmentBytes)
        {
            // What was written before a reading began is in it.
            var isWritten = writer.IsCompleted;
            var slice = ConsoleReader.Read(_console.Path, Query(from: at, maxBytes: 700))!;
            Assert.True(slice.Offset >= at, $"{slice.Offset} is below {at}");
            for (var i = 0; i < slice.Data.Length; i++)
            {
                Assert.Equal((byte)((slice.Offset + i) / SegmentBytes), slice.Data.Span[i]);
            }

            at = slice.Offset + slice.Data.Length;
            if (isWritten && slice.Data.IsEmpty)
            {
                break;
            }
        }

        await writer;
        Assert.Equal(Segments * SegmentBytes, at);

        static byte[] Data(int segment) => [.. Enumerable.Repeat((byte)segment, SegmentBytes)];
    }

    private static OutputQuery Query(long? from = null, int? tail = null, DateTimeOffset? since = null, int maxBytes = 1 << 20) =>
        new(Guid.Empty, from, tail, since, maxBytes);

    private static string Text(OutputSlice slice) => Encoding.UTF8.GetString(slice.Data.Span);
}
