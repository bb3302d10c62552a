using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Hosting.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Hosting.Tests.Nodes;

/// <summary>What a silo takes for used of its own node and of another one while it places instances.</summary>
public sealed class NodeDirectoryTests : IAsyncLifetime
{
    private const string Here = "here";
    private const string There = "there";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly HashSet<RunKey> _taken = [];
    private readonly NodeDirectory _directory;
    private NodeUse _used = new(0, 0, 0);

    public NodeDirectoryTests()
    {
        var options = new OrleansInstancesOptions();
        var local = new LocalNode(
            new NodeIdentity(Here, Guid.NewGuid()), options, Options.Create(new NodeOptions()), new Runtime(this), Stub.Of<ILocalSiloDetails>(_ => null), _time);
        var table = Stub.Of<INodeTable>(_ => Task.FromResult<IReadOnlyList<NodeRow>>([Row(Here), Row(There)]));
        _directory = new NodeDirectory(table, local, _time);
    }

    public Task InitializeAsync() => _directory.RefreshAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public void A_burst_spreads_before_any_of_it_has_come()
    {
        for (var number = 1; number <= 30; number++)
        {
            var instance = Instance(number);
            _directory.Placed(instance with { Node = NodePlacement.Choose(instance, _directory.Nodes).Node!.Name });
        }

        Assert.Equal((15, 15), (UsedOf(Here), UsedOf(There)));
    }

    [Fact]
    public void What_has_come_counts_once_and_no_longer_than_it_runs()
    {
        var first = Instance(1) with { Node = Here };
        _directory.Placed(first);
        _directory.Placed(Instance(2) with { Node = Here });
        Assert.Equal(2, UsedOf(Here));

        _used = new NodeUse(1, 0, 0);
        _taken.Add(new RunKey(first.Id, first.Epoch));
        Assert.Equal(2, UsedOf(Here));

        _used = new NodeUse(0, 0, 0);
        Assert.Equal(1, UsedOf(Here));
    }

    [Fact]
    public void An_earlier_epoch_that_came_says_nothing_of_the_next_one()
    {
        var again = Instance(1) with { Node = Here, Epoch = 2 };
        _taken.Add(new RunKey(again.Id, 1));

        _directory.Placed(again);

        Assert.Equal(1, UsedOf(Here));
    }

    [Fact]
    public async Task What_never_comes_does_not_count_for_ever()
    {
        _directory.Placed(Instance(1) with { Node = Here });

        await _directory.RefreshAsync();

        Assert.Equal(0, UsedOf(Here));
    }

    private int UsedOf(string node) => _directory.Nodes.Single(known => known.Name == node).Used.Instances;

    private NodeRow Row(string name) => new(
        new NodeSnapshot(name, Guid.NewGuid(), ["*"], ["process"], 100, _time.GetUtcNow()),
        1,
        1,
        TimeSpan.FromSeconds(30),
        Revoked: false,
        Fenced: false,
        Removed: false,
        NodeCordon.None,
        _time.GetUtcNow(),
        TimeSpan.Zero);

    private InstanceSnapshot Instance(int number) => new()
    {
        Id = Guid.NewGuid(),
        Number = number,
        Version = 1,
        Spec = new InstanceSpec(),
        Owner = "me",
        Status = InstanceStatus.Starting,
        Epoch = 1,
        CreatedAt = _time.GetUtcNow(),
        UpdatedAt = _time.GetUtcNow(),
    };

    private sealed class Runtime(NodeDirectoryTests test) : ILeasedRuntime
    {
        public NodeUse Used => test._used;

        public long Incarnation { get; set; }

        public long BootTimeMs => 0;

        public bool HoldsInstances => false;

        public bool HasTaken(RunKey run) => test._taken.Contains(run);

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<Refusal?> LeaseAsync(long incarnation, long untilMs) => Task.FromResult<Refusal?>(null);

        public Task FenceAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
