using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Instances;
using OrleansInstances.Nodes.Console;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Console;

/// <summary>What is published of a console, and how long.</summary>
public sealed class OutputPublisherTests : IDisposable
{
    private readonly Guid _id = Guid.NewGuid();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedStream _stream = new();
    private readonly OutputPublisher _publisher;
    private readonly StringBuilder _console = new("before\n");
    private TaskCompletionSource _grew = new();
    private int _reads;

    public OutputPublisherTests() => _publisher = new OutputPublisher(ReadAsync, _stream, maxWatches: 2, _time, NullLogger.Instance);

    public void Dispose() => _publisher.Dispose();

    [Fact]
    public async Task What_comes_after_the_watch_began_is_published_and_nothing_without_one()
    {
        Print("unseen\n");
        Assert.Equal(0, _reads);

        var watch = await _publisher.WatchAsync(_id);
        Print("seen\n");

        Assert.Equal((null, 14L, TimeSpan.FromSeconds(60)), (watch.Refusal, watch.From, watch.For));
        await PublishedAsync("seen\n");
    }

    [Fact]
    public async Task A_watch_ends_unless_it_is_renewed()
    {
        await _publisher.WatchAsync(_id);
        Print("1");
        await PublishedAsync("1");

        _time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(8, (await _publisher.WatchAsync(_id)).From);
        _time.Advance(TimeSpan.FromSeconds(50));
        Print("2");
        await PublishedAsync("12");

        _time.Advance(TimeSpan.FromSeconds(61));
        await Eventually.TrueAsync(IsOver, "the end of the watch");
        Print("3");
        Assert.Equal(10, (await _publisher.WatchAsync(_id)).From);
        Print("4");
        await PublishedAsync("124");
    }

    [Fact]
    public async Task A_stream_that_fails_gets_the_same_piece_again()
    {
        var failures = 0;
        _stream.OnPublish = _ => Interlocked.Increment(ref failures) <= 3 ? throw new TimeoutException("no") : Task.CompletedTask;
        await _publisher.WatchAsync(_id);

        Print("late");

        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(500));
                return _stream.Of(_id).Count > 0;
            },
            "the piece published");
        Assert.Equal(4, failures);
        Assert.Equal("late", Text());
    }

    [Fact]
    public async Task A_watch_beyond_the_limit_is_refused()
    {
        await _publisher.WatchAsync(Guid.NewGuid());
        await _publisher.WatchAsync(_id);

        var refused = await _publisher.WatchAsync(Guid.NewGuid());

        Assert.Equal((RefusalKind.Unavailable, "too_many_watches"), (refused.Refusal!.Kind, refused.Refusal.Code));
        Assert.Null((await _publisher.WatchAsync(_id)).Refusal);
    }

    [Fact]
    public void An_instance_may_be_published_at_a_megabyte_a_second()
    {
        var pace = new OutputPace(_time);

        Assert.Equal(TimeSpan.Zero, pace.Spend(1024 * 1024));
        Assert.Equal(TimeSpan.FromSeconds(0.5), pace.Spend(512 * 1024));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, pace.Spend(1024 * 1024));
    }

    private bool IsOver()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _publisher.Count == 0;
    }

    private Task PublishedAsync(string text) => Eventually.TrueAsync(() => Text() == text, $"'{text}' published", Text);

    private string Text() => string.Concat(_stream.Of(_id).Select(slice => Encoding.ASCII.GetString(slice.Data.Span)));

    private void Print(string text)
    {
        lock (_console)
        {
            _console.Append(text);
            _grew.SetResult();
            _grew = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async ValueTask<OutputSlice?> ReadAsync(OutputQuery query)
    {
        Interlocked.Increment(ref _reads);
        Task grew;
        lock (_console)
        {
            if (query.Wait == TimeSpan.Zero || query.From < _console.Length)
            {
                return Slice();
            }

            grew = _grew.Task;
        }

        await Task.WhenAny(grew, Task.Delay(query.Wait, _time));
        lock (_console)
        {
            return Slice();
        }

        OutputSlice Slice()
        {
            var from = (int)Math.Min(query.From!.Value, _console.Length);
            var length = Math.Min(query.MaxBytes, _console.Length - from);
            return new OutputSlice(from, Encoding.ASCII.GetBytes(_console.ToString(from, length)), _console.Length, []);
        }
    }
}
