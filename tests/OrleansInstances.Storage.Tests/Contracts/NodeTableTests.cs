using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class NodeTableTests : StoreTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private INodeTable Nodes => Store.Part<INodeTable>();

    [Fact]
    public async Task Registered_nodes_are_listed_by_name_as_they_last_registered()
    {
        var b = Node("b");
        Assert.Null(await Nodes.RegisterAsync(b, Lease, default));
        Assert.Null(await Nodes.RegisterAsync(Node("a"), Lease, default));
        await Store.PassTimeAsync(TimeSpan.FromSeconds(1));
        Assert.Null(await Nodes.RegisterAsync(b with { MaxInstances = 7 }, Lease, default));

        var listed = await Nodes.ListAsync(default);

        Assert.Equal(["a", "b"], listed.Select(row => row.Node.Name));
        Assert.Equivalent(b with { MaxInstances = 7 }, listed[1].Node, strict: true);
        // A clock that runs while the test does adds a little.
        Assert.InRange(listed[1].SeenAt - listed[0].SeenAt, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.InRange(listed[0].Age, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        Assert.InRange(listed[1].Age, TimeSpan.Zero, listed[0].Age);
    }

    [Fact]
    public async Task A_name_whose_holder_was_seen_within_the_lease_is_refused_to_another_machine()
    {
        var holder = Node("a");
        await Nodes.RegisterAsync(holder, Lease, default);
        await Store.PassTimeAsync(TimeSpan.FromSeconds(20));

        var refusal = await Nodes.RegisterAsync(Node("a"), Lease, default);

        Assert.Equal((RefusalKind.Conflict, "node_name_taken"), (refusal!.Kind, refusal.Code));
        Assert.Equal(holder.NodeId, Assert.Single(await Nodes.ListAsync(default)).Node.NodeId);
    }

    [Fact]
    public async Task A_renewal_keeps_the_name_for_another_lease()
    {
        var holder = Node("a");
        await Nodes.RegisterAsync(holder, Lease, default);
        await Store.PassTimeAsync(TimeSpan.FromSeconds(20));
        await Nodes.RegisterAsync(holder, Lease, default);
        await Store.PassTimeAsync(TimeSpan.FromSeconds(20));

        Assert.NotNull(await Nodes.RegisterAsync(Node("a"), Lease, default));
    }

    [Fact]
    public async Task A_name_whose_holder_was_not_seen_for_a_lease_goes_to_who_asks()
    {
        await Nodes.RegisterAsync(Node("a"), Lease, default);
        await Store.PassTimeAsync(Lease);
        var next = Node("a");

        Assert.Null(await Nodes.RegisterAsync(next, Lease, default));

        Assert.Equal(next.NodeId, Assert.Single(await Nodes.ListAsync(default)).Node.NodeId);
    }

    private static NodeSnapshot Node(string name) => new(name, Guid.NewGuid(), ["*"], ["process"], 100, Samples.Noon);
}
