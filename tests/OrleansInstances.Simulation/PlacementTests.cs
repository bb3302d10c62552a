using System.Collections.Immutable;
using OrleansInstances.Instances;
using OrleansInstances.Simulation.Machines;
using OrleansInstances.Storage.Nodes;

namespace OrleansInstances.Simulation;

/// <summary>Where an instance runs.</summary>
public sealed class PlacementTests
{
    [Fact]
    public async Task Instances_spread_over_the_nodes()
    {
        await using var cluster = await SimulatedCluster.StartAsync("a", "b", "c");

        var places = new List<string>();
        for (var made = 0; made < 6; made++)
        {
            places.Add(await RunAsync(cluster, new InstanceSpec()));

            // Each node says what it uses at a tick, and at the next one all silos have read it.
            await cluster.PassAsync(2 * SimulatedCluster.Tick);
        }

        Assert.Equal(["a 2", "b 2", "c 2"], places.GroupBy(place => place).Select(group => $"{group.Key} {group.Count()}").Order());
    }

    [Fact]
    public async Task A_burst_spreads_too()
    {
        await using var cluster = await SimulatedCluster.StartAsync("a", "b", "c");

        var places = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => RunAsync(cluster, new InstanceSpec())));

        Assert.All(places.GroupBy(place => place), group => Assert.InRange(group.Count(), 5, 15));
    }

    [Fact]
    public async Task An_instance_runs_where_its_region_labels_and_room_are()
    {
        await using var cluster = await SimulatedCluster.StartAsync(
            new MachinePlan("a") { Region = "eu" },
            new MachinePlan("b") { Region = "us", Labels = "disk=ssd,zone=1" },
            new MachinePlan("c") { Region = "us", Labels = "disk=ssd,zone=2", Cpus = 2 });
        var ssd = ImmutableDictionary<string, string>.Empty.Add("disk", "ssd");

        Assert.Equal("a", await RunAsync(cluster, new InstanceSpec { Region = "eu" }));
        Assert.Equal("c", await RunAsync(cluster, new InstanceSpec { NodeLabels = ssd.Add("zone", "2") }));
        Assert.Equal("b", await RunAsync(cluster, new InstanceSpec { NodeLabels = ssd, Limits = new InstanceLimits { Cpus = 3 } }));
        Assert.Equal("c", await RunAsync(cluster, new InstanceSpec { Node = "c" }));
    }

    [Theory]
    [InlineData("region", "mars")]
    [InlineData("label", "gpu")]
    [InlineData("driver", "docker")]
    [InlineData("cpus", "9")]
    [InlineData("node", "z")]
    public async Task An_instance_that_no_node_takes_waits_and_says_why(string what, string asked)
    {
        await using var cluster = await SimulatedCluster.StartAsync(new MachinePlan("a") { Region = "eu" }, new MachinePlan("b") { Region = "us" });

        var id = await cluster.BeginAsync(new InstanceSpec
        {
            Region = what == "region" ? asked : null,
            NodeLabels = what == "label" ? ImmutableDictionary<string, string>.Empty.Add(asked, "yes") : ImmutableDictionary<string, string>.Empty,
            Driver = what == "driver" ? asked : "process",
            Limits = new InstanceLimits { Cpus = what == "cpus" ? 9 : 0 },
            Node = what == "node" ? asked : null,
        });

        var pending = await cluster.UntilAsync(id, InstanceStatus.Pending);
        Assert.NotEmpty(pending.Message!);
        Assert.Empty(cluster.Processes.StartsOf(id));
    }

    [Fact]
    public async Task A_pending_instance_starts_when_a_node_comes_that_takes_it()
    {
        await using var cluster = await SimulatedCluster.StartAsync("a", "b");
        var late = await cluster.BeginAsync(new InstanceSpec { Node = "c" });

        await cluster.AddAsync("c");
        await cluster.PassUntilAsync("it runs", async () => (await cluster.GetAsync(late)).Status == InstanceStatus.Running);

        Assert.Equal("c", cluster.Processes.Of(late)?.Machine);
    }

    [Fact]
    public async Task A_full_node_takes_no_more()
    {
        await using var cluster = await SimulatedCluster.StartAsync(new MachinePlan("a") { MaxInstances = 1 }, new MachinePlan("b") { MaxInstances = 1 });

        var places = new[] { await RunAsync(cluster, new InstanceSpec()), await RunAsync(cluster, new InstanceSpec()) };
        var third = await cluster.BeginAsync(new InstanceSpec());

        Assert.Equal(["a", "b"], places.Order());
        Assert.Contains("room", (await cluster.UntilAsync(third, InstanceStatus.Pending)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cordoned_node_keeps_what_it_has_and_takes_no_more()
    {
        await using var cluster = await SimulatedCluster.StartAsync("a", "b");
        var before = await cluster.RunAsync(new InstanceSpec { Node = "a" });
        await cluster.Storage.Nodes.SetCordonAsync("a", NodeCordon.Cordoned, CancellationToken.None);
        await cluster.PassAsync(SimulatedCluster.Tick);

        Assert.Equal("b", await RunAsync(cluster, new InstanceSpec()));
        Assert.Equal("b", await RunAsync(cluster, new InstanceSpec()));
        Assert.Equal("a", cluster.Processes.Of(before)?.Machine);
    }

    private static async Task<string> RunAsync(SimulatedCluster cluster, InstanceSpec spec) =>
        cluster.Processes.Of(await cluster.RunAsync(spec))!.Value.Machine;
}
