using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Execs;

/// <summary>Commands beside a real program of a real keeper.</summary>
public sealed class NodeExecTests : IAsyncLifetime
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly FakeGrains _grains = new();
    private NodeRuntime _runtime = null!;
    private RunKey _run;

    private INodeExecs Execs => _runtime.Execs;

    public async Task InitializeAsync()
    {
        _runtime = await TestRuntime.StartAsync(_folder.Path, _grains, node: new NodeOptions { MaxExecs = 2, ExecAbandonedAfter = TimeSpan.FromSeconds(2) });
        _run = TestRuntime.NewRun();
        await _runtime.StartAsync(TestRuntime.Order(_run, "sleep", "1000"));
        await _grains.WaitForAsync(_run, RunPhase.Running);
    }

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await TestRuntime.StopKeeperAsync(_folder.Path);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_terminal_follows_its_size_and_its_end_is_told()
    {
        var exec = await OpenAsync(new TerminalSize(100, 30), "sh", "-c", "stty size; read line; stty size; exit 5");
        await ReadUntilAsync(exec, "30 100");

        Execs.Resize(exec, new TerminalSize(120, 40));
        Assert.True(await Execs.WriteAsync(exec, "\n"u8.ToArray(), close: false));

        await ReadUntilAsync(exec, "40 120");
        Assert.Equal(5, (await ReadToEndAsync(exec)).End.ExitCode);
        await Eventually.TrueAsync(() => _grains.EndedExecs.Contains((exec, new ExecEnd(5))), "its end told to its instance");
        Assert.Equal("no_such_exec", (await Execs.ReadAsync(exec, Wait)).Refusal!.Code);
    }

    [Theory]
    [InlineData("a line\n", "a line\r\na line\r\n")]
    [InlineData("unfinished", "unfinishedunfinished")]
    public async Task The_end_of_a_terminals_input_is_what_ctrl_d_says(string input, string expected)
    {
        var exec = await OpenAsync(new TerminalSize(80, 24), "cat");

        await Execs.WriteAsync(exec, Encoding.UTF8.GetBytes(input), close: true);

        Assert.Equal(expected, Encoding.UTF8.GetString((await ReadToEndAsync(exec)).Stdout));
    }

    [Fact]
    public async Task Bytes_of_any_kind_pass_both_ways_unchanged()
    {
        var data = RandomNumberGenerator.GetBytes(3_000_000);
        var exec = await OpenAsync(null, "sh", "-c", "tee /dev/stderr");
        var reading = ReadToEndAsync(exec);

        foreach (var piece in data.Chunk(32 * 1024))
        {
            while (!await Execs.WriteAsync(exec, piece, close: false))
            {
            }
        }

        await Execs.WriteAsync(exec, default, close: true);
        var (stdout, stderr, end) = await reading;

        Assert.True(data.AsSpan().SequenceEqual(stdout));
        Assert.True(data.AsSpan().SequenceEqual(stderr));
        Assert.Equal(0, end.ExitCode);
    }

    [Fact]
    public async Task There_are_no_more_than_the_setting_says_and_each_is_listed()
    {
        var first = await OpenAsync(null, "sleep", "1000");
        var second = await OpenAsync(new TerminalSize(80, 24), "sleep", "1000");

        var refused = await Execs.OpenAsync(Order(null, "true"));

        Assert.Equal((RefusalKind.Unavailable, "too_many_execs"), (refused.Refusal!.Kind, refused.Refusal.Code));
        Assert.Equal([(first, false, "tester"), (second, true, "tester")], Execs.List(_run.InstanceId).Select(info => (info.Id, info.HasTerminal, info.By)));
        await Execs.CloseAsync(first);
        Assert.Null((await Execs.OpenAsync(Order(null, "true"))).Refusal);
        await Eventually.TrueAsync(() => _grains.EndedExecs.Contains((first, new ExecEnd(null, "Its client has gone."))), "its end told");
    }

    [Fact]
    public async Task One_that_nobody_reads_is_ended()
    {
        var exec = await OpenAsync(null, "sleep", "1000");

        await Eventually.TrueAsync(() => _grains.EndedExecs.Contains((exec, new ExecEnd(null, "Nobody read it any more."))), "its end told");

        Assert.Empty(Execs.List(_run.InstanceId));
    }

    [Fact]
    public async Task What_does_not_start_leaves_its_place_free()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(127, (await Execs.OpenAsync(Order(null, "no-such-program"))).End!.ExitCode);
            Assert.Equal("not_running", (await Execs.OpenAsync(Order(null, "true") with { Run = TestRuntime.NewRun() })).Refusal!.Code);
        }

        Assert.Equal(0, (await ReadToEndAsync(await OpenAsync(null, "true"))).End.ExitCode);
    }

    private ExecOrder Order(TerminalSize? terminal, params string[] command) =>
        new(Guid.NewGuid(), _run, new ExecCommand([.. command], terminal, "tester"), ImmutableDictionary<string, string>.Empty, null, null);

    private async Task<Guid> OpenAsync(TerminalSize? terminal, params string[] command)
    {
        var order = Order(terminal, command);
        Assert.Equal(new ExecOpened(null, null), await Execs.OpenAsync(order));
        return order.Id;
    }

    private async Task ReadUntilAsync(Guid exec, string text)
    {
        var read = "";
        while (!read.Contains(text, StringComparison.Ordinal))
        {
            var output = await Execs.ReadAsync(exec, Wait);
            Assert.True(output is { End: null, Refusal: null } && !output.Stdout.IsEmpty, $"{output} instead of {text} after {read}");
            read += Encoding.UTF8.GetString(output.Stdout.Span);
        }
    }

    private async Task<(byte[] Stdout, byte[] Stderr, ExecEnd End)> ReadToEndAsync(Guid exec)
    {
        var (stdout, stderr) = (new MemoryStream(), new MemoryStream());
        while (true)
        {
            var output = await Execs.ReadAsync(exec, Wait);
            Assert.Null(output.Refusal);
            stdout.Write(output.Stdout.Span);
            stderr.Write(output.Stderr.Span);
            if (output.End is { } end)
            {
                return (stdout.ToArray(), stderr.ToArray(), end);
            }
        }
    }
}
