using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Hosting.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Chutes;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Hosting.Tests.Instances;

public sealed class EventRetentionTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly FullLog _log = new();
    private readonly FullAudit _audit = new() { LeftInstances = 250 };
    private readonly EventRetention _retention;

    public EventRetentionTests() => _retention = new(TimeSpan.FromDays(30), _log, _audit, _time, NullLogger<EventRetention>.Instance);

    public void Dispose() => _retention.Dispose();

    [Fact]
    public async Task What_is_old_enough_goes_in_batches_after_the_start_and_every_hour_also_after_a_failure()
    {
        _log.Left = 450;
        await _retention.StartAsync(CancellationToken.None);

        await PassTimeUntilAsync(calls: 3);
        var first = _log.Calls.First();
        Assert.InRange(first.Before.AddDays(30) - Start, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(30));
        Assert.Equal([first, first, first with { Limit = 200 }], _log.Calls);
        await PassTimeUntilAsync(() => _audit.Calls.Count >= 3);
        Assert.Equal([("instances", first.Before, first.Limit), ("instances", first.Before, first.Limit), ("configs", first.Before, first.Limit)], _audit.Calls.Take(3));

        _log.Fails = true;
        await PassTimeUntilAsync(calls: 4);
        Assert.InRange(_log.Calls.Last().Before - first.Before, TimeSpan.FromHours(1), TimeSpan.FromHours(1.5));
        await PassTimeUntilAsync(calls: 5);
        await _retention.StopAsync(CancellationToken.None);
    }

    /// <summary>A minute at a time, as it may not be waiting for the clock yet.</summary>
    private Task PassTimeUntilAsync(int calls) => PassTimeUntilAsync(() => _log.Calls.Count >= calls);

    private async Task PassTimeUntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(10, deadline.Token);
        }
    }

    private sealed class FullAudit : IChuteAudit
    {
        public int LeftInstances { get; set; }

        public ConcurrentQueue<(string What, DateTimeOffset Before, int Limit)> Calls { get; } = new();

        public Task<int> ForgetInstancesAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
        {
            Calls.Enqueue(("instances", before, limit));
            var gone = Math.Min(limit, LeftInstances);
            LeftInstances -= gone;
            return Task.FromResult(gone);
        }

        public Task<int> ForgetConfigsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
        {
            Calls.Enqueue(("configs", before, limit));
            return Task.FromResult(0);
        }
    }

    private sealed class FullLog : IInstanceEvents
    {
        public int Left { get; set; }

        public bool Fails { get; set; }

        public ConcurrentQueue<(DateTimeOffset Before, int Limit)> Calls { get; } = new();

        public Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken)
        {
            Calls.Enqueue((before, limit));
            if (Fails)
            {
                throw new InvalidOperationException("The database is away.");
            }

            var gone = Math.Min(limit, Left);
            Left -= gone;
            return Task.FromResult(gone);
        }

        public Task<IReadOnlyList<InstanceEvent>> ListAsync(
            Guid instanceId, EventQuery query, long afterSequence, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<LoggedEvent>> PageAsync(EventQuery query, PageRequest page, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string?> FindOwnerAsync(Guid instanceId, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
