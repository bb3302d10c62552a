using System.Text.RegularExpressions;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Tests.Cluster;

public sealed class ClusterTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Nodes_are_listed_with_whether_they_are_there()
    {
        await JoinAsync("old");
        await _host.AgeRowsAsync(TimeSpan.FromSeconds(30));
        await JoinAsync("new");

        Assert.Equal(
            """[{"name":"new","id":"0f8fad5b-d9cb-469f-a165-70867728950e","state":"up","regions":["*"],"drivers":["process"],"max_instances":2000,"registered_at":1710410400,"seen_at":#},{"name":"old","id":"0f8fad5b-d9cb-469f-a165-70867728950e","state":"lost","regions":["*"],"drivers":["process"],"max_instances":2000,"registered_at":1710410400,"seen_at":#}]""",
            Regex.Replace((await _host.GetAsync("/api/nodes")).Body, "(?<=\"seen_at\":)[0-9]{10}", "#"));
    }

    [Fact]
    public async Task One_node_is_found_by_its_name()
    {
        await JoinAsync("n1");

        Assert.Equal("n1", (string?)(await _host.GetAsync("/api/nodes/n1")).Json["name"]);
        Assert.Equal((404, "not_found"), (await _host.GetAsync("/api/nodes/n2")) is var answer ? (answer.Status, answer.Code) : default);
    }

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
