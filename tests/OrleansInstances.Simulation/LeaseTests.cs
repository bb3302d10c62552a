using OrleansInstances.Hosting.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Simulation;

/// <summary>What nodes and silos make of leases, told by the node table and by what runs.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private static readonly InstanceSpec Wait = new() { Node = "b" };
    private static readonly InstanceSpec Move = new() { Node = "b", OnNodeLoss = NodeLossPolicy.Move };

    private SimulatedCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await SimulatedCluster.StartAsync("a", "b", "c");

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task Nodes_that_renew_stay()
    {
        await _cluster.PassAsync(10 * SimulatedCluster.Lease);

        Assert.Equal([NodeStanding.Live, NodeStanding.Live, NodeStanding.Live], [await StandingAsync("a"), await StandingAsync("b"), await StandingAsync("c")]);
    }

    [Fact]
    public async Task A_node_that_is_not_seen_for_its_lease_is_revoked_and_fenced_when_as_much_and_a_margin_have_passed_again()
    {
        await _cluster.PassAsync(SimulatedCluster.Lease);
        await _cluster["b"].KillAsync();
        var killed = _cluster.Time.GetUtcNow();

        await _cluster.PassAsync(SimulatedCluster.Lease - SimulatedCluster.Tick);
        Assert.Equal(NodeStanding.Live, await StandingAsync("b"));
        await _cluster.PassUntilAsync("b is revoked", async () => (await _cluster.NodeAsync("b")).Revoked);
        var revoked = _cluster.Time.GetUtcNow();
        await _cluster.PassUntilAsync("b is fenced", async () => await StandingAsync("b") == NodeStanding.Fenced);

        Assert.True(revoked - killed >= SimulatedCluster.Lease, $"Revoked after {revoked - killed}.");
        var waited = _cluster.Time.GetUtcNow() - revoked;
        Assert.InRange(waited, SimulatedCluster.Lease + SimulatedCluster.Margin, SimulatedCluster.Lease + SimulatedCluster.Margin + (2 * SimulatedCluster.Tick));
    }

    [Fact]
    public async Task A_silo_that_comes_back_in_time_goes_on_as_if_it_had_not_been_away()
    {
        var id = await _cluster.RunAsync(Move);
        var before = await _cluster.NodeAsync("b");
        await _cluster["b"].KillAsync();
        await _cluster.PassAsync(SimulatedCluster.Tick);

        await _cluster.RestartAsync("b");
        await _cluster.PassAsync(3 * SimulatedCluster.Lease);

        Assert.Equal((before.Incarnation, NodeStanding.Live), ((await _cluster.NodeAsync("b")).Incarnation, await StandingAsync("b")));
        Assert.Equal(["1 b"], _cluster.Processes.StartsOf(id));
        Assert.Equal((1, "b"), _cluster.Processes.Of(id));
    }

    [Fact]
    public async Task A_machine_without_a_silo_kills_what_may_move_when_the_lease_is_over_and_not_before()
    {
        var wait = await _cluster.RunAsync(Wait);
        var move = await _cluster.RunAsync(Move);
        await _cluster["b"].KillAsync();

        await _cluster.PassAsync(SimulatedCluster.Lease - SimulatedCluster.Tick);
        Assert.Equal((1, "b"), _cluster.Processes.Of(move));
        await _cluster.PassAsync(SimulatedCluster.Tick);

        Assert.Null(_cluster.Processes.Of(move));
        Assert.Equal((1, "b"), _cluster.Processes.Of(wait));
    }

    [Fact]
    public async Task A_silo_that_comes_back_with_a_longer_lease_set_goes_by_the_one_that_the_others_know()
    {
        var move = await _cluster.RunAsync(Move);
        await _cluster["b"].KillAsync();
        await _cluster.RestartAsync("b", lease: 10 * SimulatedCluster.Lease);
        await _cluster["b"].KillAsync();

        await _cluster.PassUntilAsync("b is fenced", async () => await StandingAsync("b") == NodeStanding.Fenced);

        Assert.NotEqual("b", _cluster.Processes.Of(move)?.Machine);
    }

    [Fact]
    public async Task Silos_with_a_longer_lease_set_watch_those_that_joined_with_a_shorter_one()
    {
        foreach (var silo in (string[])["a", "c"])
        {
            await _cluster[silo].KillAsync();
            await _cluster.RestartAsync(silo, lease: 10 * SimulatedCluster.Lease);
        }

        await _cluster["b"].KillAsync();

        await _cluster.PassUntilAsync("b is fenced", async () => await StandingAsync("b") == NodeStanding.Fenced);
    }

    [Fact]
    public async Task A_silo_that_is_cut_off_and_comes_back_has_a_new_incarnation_once_what_may_move_is_dead()
    {
        var wait = await _cluster.RunAsync(Wait);
        var move = await _cluster.RunAsync(Move);
        var before = await _cluster.NodeAsync("b");
        _cluster["b"].Link.Cut(off: true);
        await _cluster.PassUntilAsync("b is revoked", async () => (await _cluster.NodeAsync("b")).Revoked);
        Assert.Null(_cluster.Processes.Of(move));

        _cluster["b"].Link.Cut(off: false);
        await _cluster.PassUntilAsync("b has joined anew", async () => await StandingAsync("b") == NodeStanding.Live);

        Assert.True((await _cluster.NodeAsync("b")).Incarnation > before.Incarnation);
        Assert.Equal((1, "b"), _cluster.Processes.Of(wait));
    }

    [Fact]
    public async Task A_waiter_that_dies_half_way_is_no_matter()
    {
        await _cluster.PassAsync(SimulatedCluster.Lease);
        await _cluster["b"].KillAsync();
        await _cluster.PassUntilAsync("b is revoked", async () => (await _cluster.NodeAsync("b")).Revoked);
        var revoked = _cluster.Time.GetUtcNow();
        await _cluster.PassAsync(2 * SimulatedCluster.Tick);

        await _cluster["a"].KillAsync();
        await _cluster.PassUntilAsync("b is fenced", async () => await StandingAsync("b") == NodeStanding.Fenced);

        Assert.True(_cluster.Time.GetUtcNow() - revoked >= SimulatedCluster.Lease + SimulatedCluster.Margin);
    }

    [Fact]
    public async Task The_only_waiter_that_dies_half_way_is_followed_by_one_that_waits_in_full()
    {
        await _cluster.PassAsync(SimulatedCluster.Lease);
        _cluster["c"].Link.Cut(off: true);
        await _cluster["b"].KillAsync();
        await _cluster.PassUntilAsync("b is revoked", async () => (await _cluster.NodeAsync("b")).Revoked);
        await _cluster.PassAsync(2 * SimulatedCluster.Tick);

        await _cluster["a"].KillAsync();
        _cluster["c"].Link.Cut(off: false);
        var since = _cluster.Time.GetUtcNow();
        await _cluster.PassUntilAsync("b is fenced", async () => await StandingAsync("b") == NodeStanding.Fenced);

        Assert.True(_cluster.Time.GetUtcNow() - since >= SimulatedCluster.Lease + SimulatedCluster.Margin);
    }

    [Fact]
    public async Task Nobody_is_revoked_for_the_database_being_away()
    {
        await _cluster.PassAsync(SimulatedCluster.Lease);
        var wait = await _cluster.RunAsync(Wait);
        foreach (var silo in _cluster.Living)
        {
            silo.Link.Cut(off: true);
        }

        await _cluster.PassAsync(5 * SimulatedCluster.Lease);
        foreach (var silo in _cluster.Living)
        {
            silo.Link.Cut(off: false);
        }

        await _cluster.PassAsync(2 * SimulatedCluster.Lease);

        foreach (var silo in _cluster.Living)
        {
            var row = await _cluster.NodeAsync(silo.Name);
            Assert.Equal((NodeStanding.Live, false), (row.Standing, row.Revoked));
        }

        Assert.Equal((1, "b"), _cluster.Processes.Of(wait));
    }

    [Fact]
    public async Task A_name_whose_node_is_there_is_refused_to_another_machine()
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => _cluster.AddAsync("b"));

        Assert.Contains(nameof(NodeRefusedException), error.ToString(), StringComparison.Ordinal);
    }

    private async Task<NodeStanding> StandingAsync(string node) => (await _cluster.NodeAsync(node)).Standing;
}
