using System.Net;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>A cluster in which the silo that speaks HTTP and the one that runs instances are two.</summary>
public sealed class RolesTests
{
    [NeedsClusterFact]
    public async Task A_gateway_runs_nothing_and_a_node_answers_nobody_and_together_they_are_whole()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        await using var node = Silo(database, "node-1", "node");
        node.Settings["OI_API_KEY"] = "";
        await node.StartAsync();
        await using var gateway = Silo(database, "gateway-1", "gateway");
        await gateway.StartAsync();

        // The node.
        foreach (var path in new[] { "/api/instances", "/api/nodes", "/openapi/v1.json", "/try", "/api/pong" })
        {
            using var response = await node.Http.GetAsync(path);
            Assert.Equal((path, HttpStatusCode.NotFound), (path, response.StatusCode));
        }

        Assert.Equal("live\n", await node.Http.GetStringAsync("/health/live"));
        Assert.False(File.Exists(Path.Combine(node.Data, "first-keys.env")));
        await node.PrintsAsync("health only: this silo is no gateway");

        // The gateway.
        Assert.False(File.Exists(Path.Combine(gateway.Data, "keeper.sock")));
        await gateway.PrintsAsync("none: this silo runs no instances");
        var known = Assert.Single((await gateway.GetAsync("/api/nodes")).AsArray())!;
        Assert.Equal(("node-1", "up"), ((string?)known["name"], (string?)known["state"]));

        // Both.
        var instance = await gateway.CreateAsync("/bin/cat");
        Assert.Equal("node-1", (string?)(await gateway.WaitForStateAsync(instance, "running"))["node"]);
        await gateway.InputAsync(instance, "hello\n");
        await Eventually.Get("the echo", () => gateway.OutputOfAsync(instance), output => output == "hello\n");
        Assert.Equal("stopped", (string?)(await gateway.DoAsync(instance, "stop"))["state"]);

        Assert.Equal(0, await gateway.InterruptAsync());
        Assert.DoesNotContain("running; ./dev down", gateway.Output, StringComparison.Ordinal);
        Assert.Equal(0, await node.InterruptAsync());
        Assert.Contains("No instance is running.", node.Output, StringComparison.Ordinal);
    }

    private static RunningSilo Silo(string database, string name, string roles) => new()
    {
        Settings = { [RunningSilo.Database] = database, ["OI_NODE"] = name, ["OI_ROLES"] = roles },
    };
}
