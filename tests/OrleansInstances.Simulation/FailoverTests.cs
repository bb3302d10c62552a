using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage;

namespace OrleansInstances.Simulation;

/// <summary>What becomes of instances whose node is lost, for a while or for good.</summary>
public sealed class FailoverTests : IAsyncLifetime
{
    private static readonly InstanceSpec Wait = new();
    private static readonly InstanceSpec Move = new() { OnNodeLoss = NodeLossPolicy.Move };

    private SimulatedCluster _cluster = null!;
    private Guid _wait;
    private Guid _move;

    /// <summary>An instance of each kind on b, which was there first.</summary>
    public async Task InitializeAsync()
    {
        _cluster = await SimulatedCluster.StartAsync("b");
        _wait = await _cluster.RunAsync(Wait);
        _move = await _cluster.RunAsync(Move);
        await _cluster.AddAsync("a");
        await _cluster.AddAsync("c");
        await _cluster.PassAsync(SimulatedCluster.Lease);
    }

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task What_is_lost_is_adopted_when_its_silo_comes_back_in_time()
    {
        await LoseAsync();

        await _cluster.RestartAsync("b");
        await UntilAsync(_wait, InstanceStatus.Running);

        Assert.Equal((1, "b"), _cluster.Processes.Of(_wait));
        Assert.Equal(["1 b"], _cluster.Processes.StartsOf(_wait));
        Assert.Equal(["lost", "adopted"], (await _cluster.EventsAsync(_wait, after: "started")).Take(2));
    }

    [Fact]
    public async Task What_may_move_runs_elsewhere_once_when_its_node_is_fenced_and_not_before()
    {
        var killed = _cluster.Time.GetUtcNow();
        await LoseAsync();

        var moved = await MovedAsync();

        Assert.True(
            _cluster.Time.GetUtcNow() - killed >= (2 * SimulatedCluster.Lease) + SimulatedCluster.Margin - SimulatedCluster.Tick,
            $"It moved {_cluster.Time.GetUtcNow() - killed} after its silo ended.");
        Assert.Equal((2, 0), (moved.Epoch, moved.ExitCode ?? 0));
        Assert.Equal(["1 b", $"2 {moved.Node}"], _cluster.Processes.StartsOf(_move));
        Assert.Equal(["lost", "fenced", "moved", "started"], (await _cluster.EventsAsync(_move, after: "started")).Where(type => type is not "scheduled"));
    }

    [Fact]
    public async Task What_waits_for_its_node_stays_there_however_long_that_is_away()
    {
        await LoseAsync();
        await MovedAsync();
        await _cluster.PassAsync(5 * SimulatedCluster.Lease);
        Assert.Equal(InstanceStatus.Lost, (await _cluster.GetAsync(_wait)).Status);

        await _cluster.RestartAsync("b");
        await UntilAsync(_wait, InstanceStatus.Running);

        Assert.Equal((1, "b"), _cluster.Processes.Of(_wait));
        Assert.NotEqual("b", _cluster.Processes.Of(_move)?.Machine);
    }

    [Fact]
    public async Task What_ran_on_a_machine_that_was_removed_is_over_and_follows_its_policy()
    {
        _cluster["b"].Machine.Burn();
        await LoseAsync();
        await _cluster.PassUntilAsync("b is fenced", async () => await StandingOfBAsync() == NodeStanding.Fenced);

        await RemoveBAsync();
        var ended = await UntilAsync(_wait, InstanceStatus.Failed);

        Assert.Null(ended.ExitCode);
        Assert.NotNull(ended.Message);
        Assert.Equal(["1 b"], _cluster.Processes.StartsOf(_wait));
    }

    [Fact]
    public async Task A_machine_that_returns_after_it_was_removed_ends_what_is_no_longer_its_own()
    {
        await LoseAsync();
        await _cluster.PassUntilAsync("b is fenced", async () => await StandingOfBAsync() == NodeStanding.Fenced);
        await RemoveBAsync();
        await UntilAsync(_wait, InstanceStatus.Failed);
        Assert.Equal((1, "b"), _cluster.Processes.Of(_wait));

        await _cluster.RestartAsync("b");

        await _cluster.PassUntilAsync("nothing runs on b", () => Task.FromResult(_cluster.Processes.Of(_wait) is null));
        Assert.Equal(InstanceStatus.Failed, (await _cluster.GetAsync(_wait)).Status);
    }

    [Fact]
    public async Task A_stop_that_is_asked_for_meanwhile_is_carried_out_at_the_fence_or_when_the_node_is_back()
    {
        await LoseAsync();

        var asked = new[] { await StopAsync(_move), await StopAsync(_wait) };
        Assert.All(asked, instance => Assert.Equal((InstanceStatus.Lost, true), (instance.Status, instance.Busy)));
        await UntilAsync(_move, InstanceStatus.Stopped);
        Assert.Equal(InstanceStatus.Lost, (await _cluster.GetAsync(_wait)).Status);
        await _cluster.RestartAsync("b");
        await UntilAsync(_wait, InstanceStatus.Stopped);

        foreach (var id in new[] { _move, _wait })
        {
            Assert.Equal(["1 b"], _cluster.Processes.StartsOf(id));
            Assert.Null(_cluster.Processes.Of(id));
        }
    }

    [Fact]
    public async Task What_its_node_would_have_to_do_at_once_is_refused()
    {
        await LoseAsync();

        var pause = await _cluster.Any.Instance(_wait).PauseAsync();

        Assert.Equal((RefusalKind.Unavailable, "node_lost"), (pause.Refusal?.Kind, pause.Refusal?.Code));
    }

    [Fact]
    public async Task A_silo_that_is_cut_off_while_its_machine_runs_never_leads_to_a_second_copy()
    {
        await _cluster["b"].CutOffAsync();
        var moved = await MovedAsync();
        await UntilAsync(_wait, InstanceStatus.Lost);

        // It learns that it was declared dead, ends, and is started again.
        await _cluster["b"].KillAsync();
        await _cluster.RestartAsync("b");
        await UntilAsync(_wait, InstanceStatus.Running);
        await _cluster.PassAsync(3 * SimulatedCluster.Lease);

        Assert.Equal((2L, moved.Node!), _cluster.Processes.Of(_move));
        Assert.Equal((1, "b"), _cluster.Processes.Of(_wait));
    }

    [Fact]
    public async Task A_waiter_that_dies_half_way_moves_nothing_early_and_nothing_twice()
    {
        await LoseAsync();
        await _cluster.PassUntilAsync("b is revoked", async () => (await _cluster.NodeAsync("b")).Revoked);
        await _cluster.PassAsync(2 * SimulatedCluster.Tick);

        await _cluster["a"].KillAsync();
        InstanceSnapshot? moved = null;
        await _cluster.PassUntilAsync("it runs on c", async () => (moved = await _cluster.GetAsync(_move)) is { Node: "c", Status: InstanceStatus.Running });

        // Epoch 2 may have been meant for a, which was not known to be lost.
        Assert.Equal(["1 b", $"{moved!.Epoch} c"], _cluster.Processes.StartsOf(_move));
    }

    [Fact]
    public async Task A_move_that_can_t_be_stored_at_first_is_made_later()
    {
        await LoseAsync();
        var failing = true;
        foreach (var silo in _cluster.Living)
        {
            silo.Link.BeforeStorage = call => failing && call == "IGrainStorage.WriteStateAsync"
                ? Task.FromException(new StorageUnavailableException("The disk is away."))
                : Task.CompletedTask;
        }

        await _cluster.PassUntilAsync("b is fenced", async () => await StandingOfBAsync() == NodeStanding.Fenced);
        await _cluster.PassAsync(2 * SimulatedCluster.Tick);
        Assert.Equal(["1 b"], _cluster.Processes.StartsOf(_move));
        failing = false;

        await MovedAsync();
        Assert.Equal(2, _cluster.Processes.StartsOf(_move).Count);
    }

    [Fact]
    public async Task A_machine_that_does_not_keep_to_its_lease_is_found_out_here()
    {
        _cluster["b"].Machine.Fences = false;
        await LoseAsync();

        await MovedAsync();

        Assert.Single(_cluster.Processes.TakeSecondCopies());
    }

    /// <summary>Ends b's silo and waits until its instances are shown as lost.</summary>
    private async Task LoseAsync()
    {
        await _cluster["b"].KillAsync();
        await UntilAsync(_wait, InstanceStatus.Lost);
        await UntilAsync(_move, InstanceStatus.Lost);
    }

    private async Task<InstanceSnapshot> MovedAsync()
    {
        await _cluster.PassUntilAsync("it has moved", async () => await _cluster.GetAsync(_move) is { Epoch: 2, Status: InstanceStatus.Running });
        return await _cluster.GetAsync(_move);
    }

    private async Task<InstanceSnapshot> UntilAsync(Guid id, InstanceStatus status)
    {
        InstanceSnapshot? seen = null;
        await _cluster.PassUntilAsync($"it is {status}", async () => (seen = await _cluster.GetAsync(id)).Status == status);
        return seen!;
    }

    private async Task<InstanceSnapshot> StopAsync(Guid id)
    {
        var reply = await _cluster.Any.Instance(id).StopAsync();
        Assert.Null(reply.Refusal);
        return reply.Instance!;
    }

    private async Task<NodeStanding> StandingOfBAsync() => (await _cluster.NodeAsync("b")).Standing;

    private async Task RemoveBAsync()
    {
        Assert.True(await _cluster.Storage.Nodes.RemoveAsync("b", (await _cluster.NodeAsync("b")).Incarnation, CancellationToken.None));
        await _cluster.PassAsync(SimulatedCluster.Tick);
    }
}
