using System.Text;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

/// <summary>Reading a console that grows, with the real keeper and real programs.</summary>
public sealed class FollowTests : IAsyncLifetime
{
    private const int LineBytes = 1000;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly FakeGrains _grains = new();
    private NodeRuntime _runtime = null!;

    public async Task InitializeAsync() => _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await TestRuntime.StopKeeperAsync(_folder.Path);
        _folder.Dispose();
    }

    /// <summary>Far more than the bound: data and gaps tile the offsets, the data is what was printed there, and the disk holds no more than the bound.</summary>
    [Fact]
    public async Task A_loud_program_stays_within_its_bound_and_its_reader_knows_every_byte_or_that_it_is_gone()
    {
        const long Bound = 16 * 1024 * 1024;
        const long Lines = 1_000_000;
        var run = await StartAsync($"seq -f '%010.0f{new string('x', LineBytes - 11)}' 1 {Lines}", new ConsoleSpec(Bound));
        var console = new InstanceFolder(_folder.Path, run.InstanceId).Console;
        var most = 0L;
        using var end = new CancellationTokenSource();
        var watching = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                most = Math.Max(most, Size(console));
            }
        });

        var (at, read, gaps) = (0L, 0L, 0);
        while (at < Lines * LineBytes)
        {
            var slice = (await _runtime.ReadOutputAsync(From(run, at)))!;
            Assert.False(slice.Data.IsEmpty, $"Nothing came at {at}.");
            Assert.True(slice.Offset >= at);
            gaps += slice.Offset > at ? 1 : 0;
            AssertPrinted(slice);
            at = slice.Offset + slice.Data.Length;
            read += slice.Data.Length;
        }

        await end.CancelAsync();
        await watching;
        Assert.Equal(Lines * LineBytes, (await _grains.WaitForAsync(run, RunPhase.Exited)).ConsoleEnd);
        Assert.Equal(Lines * LineBytes, at);
        Assert.InRange(read, Bound / 2, Lines * LineBytes);
        Assert.InRange(most, 1, Bound);
    }

    [Fact]
    public async Task Many_who_wait_are_all_woken_by_one_line()
    {
        var run = await StartAsync("read go; echo x; exec sleep 1000", new ConsoleSpec());
        var waiting = Enumerable.Range(0, 100).Select(_ => _runtime.ReadOutputAsync(From(run, 0)).AsTask()).ToList();

        await _runtime.WriteInputAsync(run, "\n"u8.ToArray(), close: false);

        foreach (var slice in await Task.WhenAll(waiting))
        {
            Assert.Equal("x\n", Encoding.UTF8.GetString(slice!.Data.Span));
        }
    }

    [Fact]
    public async Task Nothing_is_waited_for_of_an_instance_that_is_not_here()
    {
        Assert.Null(await _runtime.ReadOutputAsync(From(TestRuntime.NewRun(), 0)));
    }

    [Fact]
    public async Task The_last_lines_of_one_stream_are_found_however_loud_the_other_is()
    {
        var run = await StartAsync("for i in 1 2 3; do echo err $i >&2; seq 1 30000; done", new ConsoleSpec(Split: true));
        await _grains.WaitForAsync(run, RunPhase.Exited);

        var tail = await _runtime.ReadOutputAsync(new OutputQuery(run.InstanceId, null, TailLines: 2, null, 1 << 20) { Stream = OutputStream.Stderr });

        var lines = new StringBuilder();
        for (var i = 0; i < tail!.Times.Length; i++)
        {
            var end = i + 1 < tail.Times.Length ? tail.Times[i + 1].Offset : tail.Offset + tail.Data.Length;
            if (tail.Times[i].Stream == OutputStream.Stderr)
            {
                var start = (int)(tail.Times[i].Offset - tail.Offset);
                lines.Append(Encoding.ASCII.GetString(tail.Data.Span[start..(int)(end - tail.Offset)]));
            }
        }

        Assert.Equal("err 2\nerr 3\n", lines.ToString());
    }

    private static OutputQuery From(RunKey run, long offset) => new(run.InstanceId, offset, null, null, 1 << 20) { Wait = Long };

    /// <summary>0 when a segment came or went meanwhile: what was summed up then never lay there at one moment.</summary>
    private static long Size(string console)
    {
        try
        {
            var before = Segments(console);
            var size = before.Sum(path => new FileInfo(path).Length);
            return Segments(console).SequenceEqual(before) ? size : 0;
        }
        catch (IOException)
        {
            // Dropped between the listing and the look, or not made yet.
            return 0;
        }
    }

    private static string[] Segments(string console) => [.. Directory.EnumerateFiles(console, "*.log").Order(StringComparer.Ordinal)];

    private static void AssertPrinted(OutputSlice slice)
    {
        var bytes = slice.Data.Span;
        var first = (int)((LineBytes - (slice.Offset % LineBytes)) % LineBytes);
        for (var at = first; at + LineBytes <= bytes.Length; at += LineBytes)
        {
            var number = ((slice.Offset + at) / LineBytes) + 1;
            if (long.Parse(bytes.Slice(at, 10), System.Globalization.CultureInfo.InvariantCulture) != number || bytes[at + LineBytes - 1] != '\n')
            {
                Assert.Fail($"Line {number} is not where it belongs.");
            }
        }
    }

    private async Task<RunKey> StartAsync(string script, ConsoleSpec console)
    {
        var run = TestRuntime.NewRun();
        var order = TestRuntime.Order(run, "/bin/sh", "-c", script);
        Assert.Null((await _runtime.StartAsync(order with { Spec = order.Spec with { Console = console } })).Refusal);

        // One that is brief may have ended before anybody was told that it runs.
        await Eventually.TrueAsync(() => _grains.AcceptedOf(run.InstanceId).Any(), "the start reported");
        return run;
    }
}
