using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class NodeTableTests : StoreTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    protected INodeTable Nodes => Store.Part<INodeTable>();

    [Fact]
    public async Task Nodes_are_listed_by_name_as_they_last_said()
    {
        var b = Node("b");
        var incarnation = await JoinAsync(b);
        await JoinAsync(Node("a"));
        await Store.PassTimeAsync(TimeSpan.FromSeconds(1));
        Assert.True(await Nodes.RenewAsync(b with { MaxInstances = 7, Standing = NodeStanding.Removed, Cordoned = true }, incarnation, default));

        var listed = await Nodes.ListAsync(default);

        Assert.Equal(["a", "b"], listed.Select(row => row.Node.Name));
        Assert.Equivalent(b with { MaxInstances = 7, Incarnation = incarnation, Since = incarnation }, listed[1].Node, strict: true);
        // A clock that runs while the test does adds a little.
        Assert.InRange(listed[1].SeenAt - listed[0].SeenAt, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.InRange(listed[0].Age, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.InRange(listed[1].Age, TimeSpan.Zero, listed[0].Age);
    }

    [Fact]
    public async Task One_node_is_found_by_its_name()
    {
        var incarnation = await JoinAsync(Node("a"), TimeSpan.FromSeconds(2.5));

        var row = await FindAsync("a");

        Assert.Equal(
            (incarnation, incarnation, TimeSpan.FromSeconds(2.5), false, false, false, NodeCordon.None, NodeStanding.Live),
            (row.Incarnation, row.Since, row.Lease, row.Revoked, row.Fenced, row.Removed, row.Cordon, row.Standing));
        Assert.Null(await Nodes.FindAsync("b", default));
    }

    [Fact]
    public async Task A_row_from_before_there_were_incarnations_is_read_and_joined()
    {
        var node = Node("a");
        await JoinAsync(node);
        var snapshot = $$"""{"name":"a","node_id":"{{node.NodeId}}","regions":["*"],"drivers":["process"],"max_instances":100,"registered_at":"2025-01-01T12:00:00+00:00","full":false}""";
        await Store.RunAsync($"UPDATE nodes SET incarnation = 0, since = 0, snapshot = {Bytes(snapshot)}");

        var row = await FindAsync("a");
        Assert.Equal((0, 0, node.NodeId, 100), (row.Incarnation, row.Since, row.Node.NodeId, row.Node.MaxInstances));
        Assert.Empty(row.Node.Labels);
        Assert.Equal(new NodeUse(0, 0, 0), row.Node.Used);

        Assert.True(await Nodes.RenewAsync(node, 0, default));
        Assert.InRange(await JoinAsync(node), 1, long.MaxValue);
        Assert.Equal(0, (await FindAsync("a")).Since);
    }

    [Fact]
    public async Task Every_join_has_an_incarnation_above_all_before_it_whatever_its_name()
    {
        var a = Node("a");
        var given = new List<long> { await JoinAsync(a), await JoinAsync(Node("b")), await JoinAsync(a) };
        await GoAsync("a", given[2], NodeStanding.Removed);
        given.Add(await JoinAsync(Node("c")));
        given.Add(await JoinAsync(a));
        await GoAsync("a", given[4], NodeStanding.Fenced);
        given.Add(await JoinAsync(Node("a")));

        Assert.Equal(given.Order().Distinct(), given);
    }

    [Fact]
    public async Task Since_is_the_first_incarnation_of_a_machine_under_its_name()
    {
        var first = Node("a");
        var second = Node("a");
        var began = await JoinAsync(first);
        var again = await JoinAsync(first);
        Assert.Equal((again, began), await IncarnationsAsync());

        await GoAsync("a", again, NodeStanding.Removed);
        var returned = await JoinAsync(first);
        Assert.Equal((returned, began), await IncarnationsAsync());

        await GoAsync("a", returned, NodeStanding.Fenced);
        var other = await JoinAsync(second);
        Assert.Equal((other, other), await IncarnationsAsync());

        await GoAsync("a", other, NodeStanding.Fenced);
        var back = await JoinAsync(first);
        Assert.Equal((back, back), await IncarnationsAsync());

        async Task<(long, long)> IncarnationsAsync() => await FindAsync("a") is var row ? (row.Incarnation, row.Since) : default;
    }

    [Theory]
    [InlineData(NodeStanding.Live, false)]
    [InlineData(NodeStanding.Lost, false)]
    [InlineData(NodeStanding.Fenced, true)]
    [InlineData(NodeStanding.Removed, true)]
    public async Task A_name_of_another_id_is_free_only_once_that_is_fenced_or_removed(NodeStanding standing, bool free)
    {
        var holder = Node("a");
        var held = await JoinAsync(holder);
        await Nodes.SetCordonAsync("a", NodeCordon.Draining, default);
        await Store.PassTimeAsync(Lease + Lease);
        await GoAsync("a", held, standing);
        var next = Node("a");

        var joined = await Nodes.JoinAsync(next, Lease, default);

        var row = await FindAsync("a");
        Assert.Equal(free, joined is not null);
        Assert.Equal(free ? next.NodeId : holder.NodeId, row.Node.NodeId);
        Assert.Equal(free ? joined : held, row.Incarnation);
        Assert.Equal(free ? NodeCordon.None : NodeCordon.Draining, row.Cordon);
        if (free)
        {
            Assert.Equal(NodeStanding.Live, row.Standing);
            Assert.Null(await Nodes.JoinAsync(holder, Lease, default));
        }
    }

    [Theory]
    [InlineData(NodeStanding.Live)]
    [InlineData(NodeStanding.Lost)]
    [InlineData(NodeStanding.Fenced)]
    [InlineData(NodeStanding.Removed)]
    public async Task Its_own_name_a_node_joins_anew_whatever_it_came_to_and_stays_cordoned(NodeStanding standing)
    {
        var node = Node("a");
        var first = await JoinAsync(node);
        await Nodes.SetCordonAsync("a", NodeCordon.DrainingAll, default);
        await GoAsync("a", first, standing);

        var second = await JoinAsync(node with { MaxInstances = 7 }, TimeSpan.FromSeconds(10));

        var row = await FindAsync("a");
        Assert.Equal(
            (second, TimeSpan.FromSeconds(10), false, false, false, NodeCordon.DrainingAll, NodeStanding.Live),
            (row.Incarnation, row.Lease, row.Revoked, row.Fenced, row.Removed, row.Cordon, row.Standing));
        Assert.Equal((7, true), (row.Node.MaxInstances, row.Node.Cordoned));
    }

    [Fact]
    public async Task A_renewal_keeps_the_lease_from_being_taken()
    {
        var node = Node("a");
        var incarnation = await JoinAsync(node);
        await Store.PassTimeAsync(TimeSpan.FromSeconds(20));
        Assert.True(await Nodes.RenewAsync(node, incarnation, default));
        await Store.PassTimeAsync(TimeSpan.FromSeconds(20));

        Assert.False(await Nodes.RevokeAsync("a", incarnation, evenIfSeen: false, default));

        var row = await FindAsync("a");
        Assert.Equal((NodeStanding.Live, false), (row.Standing, row.Revoked));
    }

    [Fact]
    public async Task A_node_that_was_not_seen_for_its_lease_is_lost_and_renews_unless_it_was_revoked()
    {
        var node = Node("a");
        var incarnation = await JoinAsync(node);
        await Store.PassTimeAsync(Lease);
        Assert.Equal(NodeStanding.Lost, (await FindAsync("a")).Standing);
        Assert.True(await Nodes.RenewAsync(node, incarnation, default));
        Assert.Equal(NodeStanding.Live, (await FindAsync("a")).Standing);

        await Store.PassTimeAsync(Lease);
        Assert.True(await Nodes.RevokeAsync("a", incarnation, evenIfSeen: false, default));

        Assert.False(await Nodes.RenewAsync(node with { MaxInstances = 7 }, incarnation, default));
        var row = await FindAsync("a");
        Assert.Equal((NodeStanding.Lost, true, 100), (row.Standing, row.Revoked, row.Node.MaxInstances));
        Assert.InRange(row.Age, Lease, Lease + Lease);
    }

    [Fact]
    public async Task A_node_that_is_seen_is_revoked_only_by_force()
    {
        var incarnation = await JoinAsync(Node("a"));

        Assert.False(await Nodes.RevokeAsync("a", incarnation, evenIfSeen: false, default));
        Assert.True(await Nodes.RevokeAsync("a", incarnation, evenIfSeen: true, default));

        Assert.Equal(NodeStanding.Lost, (await FindAsync("a")).Standing);
    }

    [Fact]
    public async Task Every_step_needs_the_one_before_it_and_says_true_again()
    {
        var incarnation = await JoinAsync(Node("a"));
        Assert.False(await Nodes.MarkFencedAsync("a", incarnation, default));
        Assert.False(await Nodes.RemoveAsync("a", incarnation, default));

        Assert.True(await Nodes.RevokeAsync("a", incarnation, evenIfSeen: true, default));
        Assert.False(await Nodes.RemoveAsync("a", incarnation, default));
        Assert.Equal(NodeStanding.Lost, (await FindAsync("a")).Standing);

        Assert.True(await Nodes.MarkFencedAsync("a", incarnation, default));
        Assert.Equal(NodeStanding.Fenced, (await FindAsync("a")).Standing);

        Assert.True(await Nodes.RemoveAsync("a", incarnation, default));
        Assert.Equal(NodeStanding.Removed, (await FindAsync("a")).Standing);

        Assert.True(await Nodes.RevokeAsync("a", incarnation, evenIfSeen: false, default));
        Assert.True(await Nodes.MarkFencedAsync("a", incarnation, default));
        Assert.True(await Nodes.RemoveAsync("a", incarnation, default));
        Assert.Equal(NodeStanding.Removed, Assert.Single(await Nodes.ListAsync(default)).Standing);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task No_step_touches_another_incarnation(long off)
    {
        var node = Node("a");
        await JoinAsync(node);
        var incarnation = await JoinAsync(node);

        Assert.False(await Nodes.RenewAsync(node with { MaxInstances = 7 }, incarnation + off, default));
        Assert.False(await Nodes.RevokeAsync("a", incarnation + off, evenIfSeen: true, default));
        Assert.True(await Nodes.RevokeAsync("a", incarnation, evenIfSeen: true, default));
        Assert.False(await Nodes.MarkFencedAsync("a", incarnation + off, default));
        Assert.True(await Nodes.MarkFencedAsync("a", incarnation, default));
        Assert.False(await Nodes.RemoveAsync("a", incarnation + off, default));

        var row = await FindAsync("a");
        Assert.Equal((NodeStanding.Fenced, 100), (row.Standing, row.Node.MaxInstances));
    }

    [Fact]
    public async Task A_name_that_no_node_has_can_not_be_changed()
    {
        Assert.False(await Nodes.RenewAsync(Node("a"), 1, default));
        Assert.False(await Nodes.RevokeAsync("a", 1, evenIfSeen: true, default));
        Assert.False(await Nodes.MarkFencedAsync("a", 1, default));
        Assert.False(await Nodes.RemoveAsync("a", 1, default));
        Assert.False(await Nodes.SetCordonAsync("a", NodeCordon.Cordoned, default));

        Assert.Empty(await Nodes.ListAsync(default));
    }

    [Fact]
    public async Task What_is_said_of_new_instances_stays_until_it_is_said_otherwise()
    {
        var node = Node("a");
        var incarnation = await JoinAsync(node);

        Assert.True(await Nodes.SetCordonAsync("a", NodeCordon.Draining, default));
        Assert.True(await Nodes.RenewAsync(node, incarnation, default));
        var cordoned = await FindAsync("a");
        Assert.True(await Nodes.SetCordonAsync("a", NodeCordon.None, default));
        var free = await FindAsync("a");

        Assert.Equal((NodeCordon.Draining, true), (cordoned.Cordon, cordoned.Node.Cordoned));
        Assert.Equal((NodeCordon.None, false), (free.Cordon, free.Node.Cordoned));
    }

    [Fact]
    public async Task Of_machines_that_want_one_name_together_one_gets_it()
    {
        await GoAsync("a", await JoinAsync(Node("a")), NodeStanding.Fenced);
        foreach (var name in new[] { "a", "b" })
        {
            var machines = Enumerable.Range(0, 8).Select(_ => Node(name)).ToArray();

            var joined = await Task.WhenAll(machines.Select(machine => Task.Run(() => Nodes.JoinAsync(machine, Lease, default))));

            var winner = Assert.Single(machines.Zip(joined), pair => pair.Second is not null);
            var row = await FindAsync(name);
            Assert.Equal((winner.First.NodeId, winner.Second), (row.Node.NodeId, row.Incarnation));
        }
    }

    [Fact]
    public async Task Of_joins_of_one_machine_together_the_highest_is_the_rows()
    {
        var node = Node("a");

        var joined = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => JoinAsync(node))));

        Assert.Equal(8, joined.Distinct().Count());
        var row = await FindAsync("a");
        Assert.Equal((joined.Max(), joined.Min()), (row.Incarnation, row.Since));
    }

    [Fact]
    public async Task Waiters_that_revoke_fence_and_remove_together_all_hear_that_it_is_so()
    {
        var incarnation = await JoinAsync(Node("a"));
        await Store.PassTimeAsync(Lease);

        Assert.All(await TogetherAsync(() => Nodes.RevokeAsync("a", incarnation, evenIfSeen: false, default)), Assert.True);
        Assert.All(await TogetherAsync(() => Nodes.MarkFencedAsync("a", incarnation, default)), Assert.True);
        Assert.All(await TogetherAsync(() => Nodes.RemoveAsync("a", incarnation, default)), Assert.True);

        static Task<bool[]> TogetherAsync(Func<Task<bool>> step) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(step)));
    }

    [Fact]
    public async Task Of_a_renewal_and_a_revocation_together_only_one_is_done()
    {
        var node = Node("a");
        for (var i = 0; i < 20; i++)
        {
            var incarnation = await JoinAsync(node);
            await Store.PassTimeAsync(Lease);

            var renew = Task.Run(() => Nodes.RenewAsync(node, incarnation, default));
            var revoke = Task.Run(() => Nodes.RevokeAsync("a", incarnation, evenIfSeen: false, default));

            Assert.NotEqual(await renew, await revoke);
            Assert.Equal(await revoke, (await FindAsync("a")).Revoked);
        }
    }

    protected static NodeSnapshot Node(string name) => new(name, Guid.NewGuid(), ["*"], ["process"], 100, Samples.Noon);

    /// <summary>A text's bytes as this database writes them.</summary>
    protected abstract string Bytes(string text);

    protected async Task<long> JoinAsync(NodeSnapshot node, TimeSpan? lease = null)
    {
        var incarnation = await Nodes.JoinAsync(node, lease ?? Lease, default);
        Assert.NotNull(incarnation);
        return incarnation.Value;
    }

    private async Task<NodeRow> FindAsync(string name)
    {
        var row = await Nodes.FindAsync(name, default);
        Assert.NotNull(row);
        return row;
    }

    private async Task GoAsync(string name, long incarnation, NodeStanding to)
    {
        Assert.True(to < NodeStanding.Lost || await Nodes.RevokeAsync(name, incarnation, evenIfSeen: true, default));
        Assert.True(to < NodeStanding.Fenced || await Nodes.MarkFencedAsync(name, incarnation, default));
        Assert.True(to < NodeStanding.Removed || await Nodes.RemoveAsync(name, incarnation, default));
    }
}
