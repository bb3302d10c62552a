using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Tests.Cluster;

public sealed class ClusterTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_cluster_tells_engine_versions_and_nodes()
    {
        await JoinAsync("n1");

        var cluster = (await _host.GetAsync("/api/cluster")).Json;

        Assert.Contains((string?)cluster["engine"], new[] { "Orleans", "Embedded" });
        Assert.Matches("^[0-9]+\\.[0-9]+", (string?)cluster["engine_version"]);
        Assert.Matches("^[0-9]+\\.[0-9]+", (string?)cluster["version"]);
        Assert.Equal("n1", (string?)Assert.Single(cluster["nodes"]!.AsArray())!["name"]);
    }

    private Task JoinAsync(string name) => _host.Service<INodeTable>().JoinAsync(
        new NodeSnapshot(name, Given.Id, ["*"], ["process"], 2000, Given.Created), TimeSpan.FromSeconds(30), CancellationToken.None);
}
