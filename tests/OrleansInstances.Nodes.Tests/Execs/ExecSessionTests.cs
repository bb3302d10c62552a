using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Nodes.Execs;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Execs;

public sealed class ExecSessionTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeExec _exec = new();
    private readonly ExecSession _session;

    public ExecSessionTests()
    {
        _session = new ExecSession(new ExecInfo(Guid.NewGuid(), ["x"], false, "me", _time.GetUtcNow()), Guid.NewGuid(), _exec, _time);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _session.DisposeAsync();

    [Fact]
    public async Task What_it_wrote_comes_before_its_end()
    {
        _exec.Say(OutputStream.Stdout, "out");
        _exec.Say(OutputStream.Stderr, "err");
        _exec.End(7);
        _exec.Close(OutputStream.Stdout);
        _exec.Close(OutputStream.Stderr);

        var (stdout, stderr, end) = ("", "", (ExecEnd?)null);
        while (end is null)
        {
            var output = await ReadAsync();
            stdout += Encoding.UTF8.GetString(output.Stdout.Span);
            stderr += Encoding.UTF8.GetString(output.Stderr.Span);
            end = output.End;
        }

        Assert.Equal(("out", "err", new ExecEnd(7)), (stdout, stderr, end));
    }

    [Fact]
    public async Task A_reader_waits_for_output_and_gets_nothing_after_its_time()
    {
        var waiting = ReadAsync();
        _exec.Say(OutputStream.Stdout, "late");
        Assert.Equal("late", Encoding.UTF8.GetString((await waiting).Stdout.Span));

        waiting = ReadAsync();
        await PassAsync(waiting, TimeSpan.FromSeconds(21));
        Assert.Equal(ExecOutput.Nothing, await waiting);
    }

    [Fact]
    public async Task An_output_that_somebody_holds_open_does_not_hold_the_end_for_ever()
    {
        _exec.End(0);

        var waiting = ReadAsync();
        Assert.False(waiting.IsCompleted);
        await PassAsync(waiting, TimeSpan.FromSeconds(4));

        Assert.Equal(new ExecEnd(0), (await waiting).End);
    }

    [Fact]
    public async Task The_last_words_of_one_that_was_silent_for_long_may_come_behind_its_end()
    {
        var waiting = ReadAsync();
        _time.Advance(TimeSpan.FromSeconds(10));

        _exec.End(0);
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromMilliseconds(200))));
        _exec.Say(OutputStream.Stdout, "done");

        Assert.Equal("done", Encoding.UTF8.GetString((await waiting).Stdout.Span));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task An_end_that_comes_between_two_looks_is_told(int look)
    {
        _exec.EndsAtLook = look;
        _exec.Close(OutputStream.Stdout);
        _exec.Close(OutputStream.Stderr);

        var waiting = ReadAsync();
        _exec.End(0);

        Assert.Equal(new ExecEnd(0), (await waiting).End);
    }

    [Fact]
    public async Task Input_that_is_not_read_is_not_taken_a_second_time()
    {
        Assert.True(await _session.WriteAsync("one"u8.ToArray(), close: false));
        var second = _session.WriteAsync("two"u8.ToArray(), close: true);
        await PassAsync(second, TimeSpan.FromSeconds(21));
        Assert.False(await second);

        _exec.ReadInput();
        await Eventually.TrueAsync(() => _exec.Input.Count == 1, "the first piece read");
        Assert.True(await _session.WriteAsync("two"u8.ToArray(), close: true));
        Assert.True(await WriteAfterAsync(_exec.ReadInput, "dropped"));

        Assert.Equal(["one", "two", "EOF"], _exec.Input);
    }

    [Fact]
    public async Task One_reader_at_a_time()
    {
        var first = ReadAsync();

        Assert.Equal("already_read", (await ReadAsync()).Refusal!.Code);
        _exec.Say(OutputStream.Stdout, "x");
        Assert.Equal(1, (await first).Stdout.Length);
    }

    [Fact]
    public async Task It_is_abandoned_when_nobody_reads_it()
    {
        var reading = ReadAsync();
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(_session.IsAbandoned(TimeSpan.FromSeconds(5)));
        _exec.Say(OutputStream.Stdout, "x");
        await reading;

        Assert.False(_session.IsAbandoned(TimeSpan.FromSeconds(5)));
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(_session.IsAbandoned(TimeSpan.FromSeconds(5)));
    }

    private async Task<bool> WriteAfterAsync(Action act, string text)
    {
        act();
        await Eventually.TrueAsync(() => _exec.Input.Contains("EOF"), "the end of the input");
        return await _session.WriteAsync(Encoding.UTF8.GetBytes(text), close: false);
    }

    private Task<ExecOutput> ReadAsync() => _session.ReadAsync(Long);

    private async Task PassAsync(Task waiting, TimeSpan time)
    {
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(time);
                return waiting.IsCompleted;
            },
            "the wait to be over");
    }
}
