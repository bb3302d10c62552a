using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Gateway.Tests.Cluster;

public sealed class NodesTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private GatewayHost _host = null!;

    private INodeTable Table => _host.Service<INodeTable>();

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_node_tells_what_it_is_and_how_it_stands()
    {
        var incarnation = await JoinAsync(Node("n1") with
        {
            Regions = ["de", "fr"],
            Labels = ImmutableDictionary<string, string>.Empty.Add("disk", "ssd"),
            Room = new NodeRoom(3.5, 8192),
            Used = new NodeUse(7, 1.25, 512),
            Silo = "10.0.0.1:11111@5",
            Message = "2 instances have nowhere to go.",
        });

        var node = await _host.GetAsync("/api/nodes/n1");

        Assert.Equal(
            $$"""{"name":"n1","id":"0f8fad5b-d9cb-469f-a165-70867728950e","state":"up","incarnation":{{incarnation}},"cordon":"none","message":"2 instances have nowhere to go.","regions":["de","fr"],"labels":{"disk":"ssd"},"drivers":["process"],"max_instances":2000,"room":{"cpus":3.5,"memory_mb":8192},"used":{"instances":7,"cpus":1.25,"memory_mb":512},"silo":"10.0.0.1:11111@5","lease_seconds":30,"registered_at":1710410400,"seen_at":#}""",
            Regex.Replace(node.Body, "(?<=\"seen_at\":)[0-9]{10}", "#"));
        Assert.Equal($"[{node.Body}]", (await _host.GetAsync("/api/nodes")).Body);
    }

    [Fact]
    public async Task A_node_that_says_little_is_shown_with_what_there_is()
    {
        await JoinAsync(Node("n1"));

        var node = (await _host.GetAsync("/api/nodes/n1")).Json;

        Assert.Equal((null, null, "{}"), ((string?)node["room"], (string?)node["silo"], node["labels"]!.ToJsonString()));
        Assert.Equal("""{"instances":0,"cpus":0,"memory_mb":0}""", node["used"]!.ToJsonString());
    }

    [Fact]
    public async Task A_node_is_up_then_lost_then_fenced_and_up_again_with_a_new_incarnation()
    {
        var first = await JoinAsync(Node("n1"));
        Assert.Equal("up", await StateAsync("n1"));
        await _host.AgeRowsAsync(Lease);
        Assert.Equal("lost", await StateAsync("n1"));
        await Table.RevokeAsync("n1", first, evenIfSeen: false, default);
        Assert.Equal("lost", await StateAsync("n1"));
        await Table.MarkFencedAsync("n1", first, default);
        Assert.Equal("fenced", await StateAsync("n1"));

        Assert.True(await JoinAsync(Node("n1")) > first);
        Assert.Equal("up", await StateAsync("n1"));
    }

    [Theory]
    [InlineData("cordon", null, 200, "cordoned")]
    [InlineData("uncordon", null, 200, "none")]
    [InlineData("drain", null, 202, "draining")]
    [InlineData("drain", "{}", 202, "draining")]
    [InlineData("drain", """{"stop_waiting":false}""", 202, "draining")]
    [InlineData("drain", """{"stop_waiting":true}""", 202, "draining_all")]
    public async Task What_is_said_of_a_node_stays_and_is_answered(string verb, string? body, int status, string cordon)
    {
        await JoinAsync(Node("n1"));
        await Table.SetCordonAsync("n1", verb == "uncordon" ? NodeCordon.DrainingAll : NodeCordon.None, default);

        var answer = await _host.PostAsync($"/api/nodes/n1/{verb}", body);

        Assert.Equal((status, "n1", cordon), (answer.Status, (string?)answer.Json["name"], (string?)answer.Json["cordon"]));
        Assert.Equal(cordon, (string?)(await _host.GetAsync("/api/nodes/n1")).Json["cordon"]);
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("""{"stop_waiting":1}""", 422)]
    public async Task A_drain_that_makes_no_sense_changes_nothing(string body, int status)
    {
        await JoinAsync(Node("n1"));

        Assert.Equal(status, (await _host.PostAsync("/api/nodes/n1/drain", body)).Status);
        Assert.Equal("none", (string?)(await _host.GetAsync("/api/nodes/n1")).Json["cordon"]);
    }

    [Fact]
    public async Task A_live_node_is_not_removed()
    {
        await JoinAsync(Node("n1"));

        var answer = await _host.SendAsync(HttpMethod.Delete, "/api/nodes/n1");

        Assert.Equal((409, "node_is_up"), (answer.Status, answer.Code));
        Assert.Equal("up", await StateAsync("n1"));
    }

    [Fact]
    public async Task A_lost_node_is_revoked_at_once_and_removed_once_it_is_fenced()
    {
        var incarnation = await JoinAsync(Node("n1"));
        await _host.AgeRowsAsync(Lease);

        var lost = await _host.SendAsync(HttpMethod.Delete, "/api/nodes/n1");
        Assert.Equal((202, "lost"), (lost.Status, (string?)lost.Json["state"]));
        Assert.True((await Table.FindAsync("n1", default))!.Revoked);
        Assert.Equal(202, (await _host.SendAsync(HttpMethod.Delete, "/api/nodes/n1")).Status);
        await Table.MarkFencedAsync("n1", incarnation, default);
        Assert.Equal(204, (await _host.SendAsync(HttpMethod.Delete, "/api/nodes/n1")).Status);

        Assert.True((await Table.FindAsync("n1", default))!.Removed);
        Assert.Equal("[]", (await _host.GetAsync("/api/nodes")).Body);
        Assert.Equal("[]", (await _host.GetAsync("/api/cluster")).Json["nodes"]!.ToJsonString());
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/cordon")]
    [InlineData("POST", "/uncordon")]
    [InlineData("POST", "/drain")]
    public async Task A_node_that_never_was_or_was_removed_is_404(string method, string path)
    {
        var incarnation = await JoinAsync(Node("gone"));
        await Table.RevokeAsync("gone", incarnation, evenIfSeen: true, default);
        await Table.MarkFencedAsync("gone", incarnation, default);
        await Table.RemoveAsync("gone", incarnation, default);

        foreach (var name in new[] { "gone", "never" })
        {
            var answer = await _host.SendAsync(new HttpMethod(method), $"/api/nodes/{name}{path}");
            Assert.Equal((404, "not_found"), (answer.Status, answer.Code));
        }
    }

    private async Task<string?> StateAsync(string name) => (string?)(await _host.GetAsync($"/api/nodes/{name}")).Json["state"];

    private async Task<long> JoinAsync(NodeSnapshot node) => (await Table.JoinAsync(node, Lease, default))!.Value;

    private static NodeSnapshot Node(string name) => new(name, Given.Id, ["*"], ["process"], 2000, Given.Created);
}
