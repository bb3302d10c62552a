namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A node is taken out in order.</summary>
[Collection(SharedCluster.Name)]
public sealed class DrainTests(SharedCluster shared) : OnSharedCluster(shared)
{
    [NeedsClusterFact]
    public async Task What_may_move_runs_on_elsewhere_and_the_node_says_what_stays()
    {
        var gateway = Cluster.Silos[0];
        var moving = await gateway.WaitForStateAsync(await gateway.CreateAsync(new { command = new[] { "/bin/cat" }, on_node_loss = "move" }), "running");
        var from = (string)moving["node"]!;
        var waiting = await gateway.WaitForStateAsync(await gateway.CreateAsync(new { command = new[] { "/bin/cat" }, node = from }), "running");

        using var drained = await gateway.Http.PostAsync($"/api/nodes/{from}/drain", null);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, drained.StatusCode);

        await Eventually.Get(
            "the node to be drained",
            () => gateway.GetAsync($"/api/nodes/{from}"),
            node => (string?)node["message"] == "Drained of what may move. Waiting for this node: 1.",
            seconds: 60);
        var moved = await gateway.GetAsync(moving);
        Assert.NotEqual(from, (string?)moved["node"]);
        Assert.Equal("running", (string?)moved["state"]);
        Assert.InRange((int)moved["epoch"]!, 2, int.MaxValue);
        Assert.Single(ProcessTable.OfInstance((string)moved["uuid"]!));
        Assert.Equal((from, 1), ((string?)(await gateway.GetAsync(waiting))["node"], (int?)(await gateway.GetAsync(waiting))["epoch"]));
    }
}
