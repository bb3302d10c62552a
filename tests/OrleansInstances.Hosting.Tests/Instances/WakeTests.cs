using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Hosting.Instances;
using OrleansInstances.Hosting.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Tests.Instances;

/// <summary>Whom the sweeper wakes again.</summary>
public sealed class WakeTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly OneOnANode _unfinished = new();
    private readonly NodeDirectory _directory;
    private readonly InstanceSweeper _sweeper;
    private int _wakes;
    private volatile int _failures;

    public WakeTests()
    {
        _directory = new NodeDirectory(Stub.Of<INodeTable>(_ => throw new NotSupportedException()), here: null, _time);
        var instance = Stub.Of<IInstanceGrain>(_ => Interlocked.Increment(ref _wakes) <= _failures
            ? Task.FromException(new InvalidOperationException("Its state can't be stored now."))
            : Task.CompletedTask);
        _sweeper = new InstanceSweeper(
            _unfinished, _directory, new NodeIdentity("here", Guid.NewGuid()), Stub.Of<IGrainFactory>(_ => instance), _time, NullLogger<InstanceSweeper>.Instance);
    }

    public void Dispose() => _sweeper.Dispose();

    [Fact]
    public async Task An_instance_that_could_not_be_woken_when_its_node_changed_is_woken_until_it_could()
    {
        _failures = 2;
        await _sweeper.StartAsync(CancellationToken.None);

        _directory.Changed!(["lost"]);
        await PassTimeUntilAsync(() => Volatile.Read(ref _wakes) == 3);

        var sweeps = _unfinished.Sweeps;
        await PassTimeUntilAsync(() => _unfinished.Sweeps > sweeps + 1);
        Assert.Equal(3, _wakes);
        await _sweeper.StopAsync(CancellationToken.None);
    }

    /// <summary>A second at a time, as it may not be waiting for the clock yet.</summary>
    private async Task PassTimeUntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, deadline.Token);
        }
    }

    /// <summary>One instance, lost with its node: no sweep but that of its node looks for it.</summary>
    private sealed class OneOnANode : IUnfinishedInstances
    {
        private readonly Guid _id = Guid.NewGuid();
        private int _sweeps;

        public int Sweeps => Volatile.Read(ref _sweeps);

        public Task<IReadOnlyList<Guid>> FindAsync(UnfinishedQuery query, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _sweeps);
            return Task.FromResult<IReadOnlyList<Guid>>([]);
        }

        public Task<IReadOnlyList<Guid>> FindOnNodesAsync(IReadOnlyCollection<string> nodes, int limit, Guid? after, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Guid>>([_id]);

        public Task<CatalogComparison> CompareAsync(Guid? after, int states, CancellationToken cancellationToken) =>
            Task.FromResult(new CatalogComparison([], null));
    }
}
