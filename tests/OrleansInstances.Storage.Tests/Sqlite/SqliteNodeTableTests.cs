using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class SqliteNodeTableTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private readonly StorageFolder folder = new();
    private SqliteNodeTable nodes = null!;

    public Task InitializeAsync()
    {
        nodes = new SqliteNodeTable(folder.Open(), folder.Time);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public async Task Registered_nodes_are_listed_by_name_as_they_last_registered()
    {
        var b = Node("b");
        Assert.Null(await nodes.RegisterAsync(b, Lease, default));
        Assert.Null(await nodes.RegisterAsync(Node("a"), Lease, default));
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await nodes.RegisterAsync(b with { MaxInstances = 7 }, Lease, default));

        var listed = await nodes.ListAsync(default);

        Assert.Equal(["a", "b"], listed.Select(row => row.Node.Name));
        Assert.Equivalent(b with { MaxInstances = 7 }, listed[1].Node, strict: true);
        Assert.Equal(TimeSpan.FromSeconds(1), listed[1].SeenAt - listed[0].SeenAt);
    }

    [Fact]
    public async Task A_name_whose_holder_was_seen_within_the_lease_is_refused_to_another_machine()
    {
        var holder = Node("a");
        await nodes.RegisterAsync(holder, Lease, default);
        folder.Time.Advance(TimeSpan.FromSeconds(29));

        var refusal = await nodes.RegisterAsync(Node("a"), Lease, default);

        Assert.Equal((RefusalKind.Conflict, "node_name_taken"), (refusal!.Kind, refusal.Code));
        Assert.Equal(holder.NodeId, Assert.Single(await nodes.ListAsync(default)).Node.NodeId);
    }

    [Fact]
    public async Task A_renewal_keeps_the_name_for_another_lease()
    {
        var holder = Node("a");
        await nodes.RegisterAsync(holder, Lease, default);
        folder.Time.Advance(TimeSpan.FromSeconds(29));
        await nodes.RegisterAsync(holder, Lease, default);
        folder.Time.Advance(TimeSpan.FromSeconds(29));

        Assert.NotNull(await nodes.RegisterAsync(Node("a"), Lease, default));
    }

    [Fact]
    public async Task A_name_whose_holder_was_not_seen_for_a_lease_goes_to_who_asks()
    {
        await nodes.RegisterAsync(Node("a"), Lease, default);
        folder.Time.Advance(Lease);
        var next = Node("a");

        Assert.Null(await nodes.RegisterAsync(next, Lease, default));

        Assert.Equal(next.NodeId, Assert.Single(await nodes.ListAsync(default)).Node.NodeId);
    }

    private static NodeSnapshot Node(string name) => new(name, Guid.NewGuid(), ["*"], ["process"], 100, Samples.Noon);
}
