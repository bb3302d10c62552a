using System.Collections.Immutable;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Nodes;

public sealed class NodePlacementTests
{
    private static readonly InstanceSnapshot New = Given.State(InstanceStatus.Stopped).Snapshot! with { Node = null, Epoch = 0 };

    [Fact]
    public void Without_nodes_nothing_is_placed() => Expect(New, "There is no node.");

    [Fact]
    public void A_region_is_served_by_name_or_by_a_node_that_serves_all()
    {
        var asked = New with { Spec = New.Spec with { Region = "eu" } };

        Assert.Equal("b", NodePlacement.Choose(asked, [Given.NodeNamed("a", "us"), Given.NodeNamed("b", "eu")]).Node?.Name);
        Assert.Equal("c", NodePlacement.Choose(asked, [Given.NodeNamed("a", "us"), Given.NodeNamed("c")]).Node?.Name);
        Expect(asked, "No node serves region \"eu\".", Given.NodeNamed("a", "us"));
    }

    [Fact]
    public void A_driver_that_no_node_has_is_named() =>
        Expect(New with { Spec = New.Spec with { Driver = "docker" } }, "No node has the driver \"docker\".", Given.NodeNamed("a"));

    [Fact]
    public void A_full_node_takes_no_more() =>
        Expect(New, "No node has room.", Given.NodeNamed("a") with { Full = true });

    [Fact]
    public void An_instance_that_waits_for_its_node_is_never_started_elsewhere()
    {
        var ran = New with { Node = "a" };

        Expect(ran, "Node \"a\" is not there.", Given.NodeNamed("b"));
        Assert.Equal("a", NodePlacement.Choose(ran, [Given.NodeNamed("b"), Given.NodeNamed("a")]).Node?.Name);
    }

    [Fact]
    public void An_instance_that_may_move_goes_to_any_node_but_stays_while_its_own_takes_it()
    {
        var ran = New with { Node = "a", Spec = New.Spec with { OnNodeLoss = NodeLossPolicy.Move } };
        var busy = Given.NodeNamed("a") with { Used = new NodeUse(90, 0, 0) };

        Assert.Equal("b", NodePlacement.Choose(ran, [Given.NodeNamed("b")]).Node?.Name);
        Assert.Equal("a", NodePlacement.Choose(ran, [busy, Given.NodeNamed("b")]).Node?.Name);
        Assert.Equal("b", NodePlacement.Choose(ran, [busy with { Full = true }, Given.NodeNamed("b")]).Node?.Name);
    }

    [Fact]
    public void Instances_are_spread_over_the_nodes_that_can_take_them()
    {
        NodeSnapshot[] nodes = [Given.NodeNamed("a"), Given.NodeNamed("b")];

        var chosen = Enumerable.Range(1, 10).Select(number => NodePlacement.Choose(New with { Number = number }, nodes).Node?.Name).ToList();

        Assert.Equal(5, chosen.Count(node => node == "a"));
        Assert.Equal(5, chosen.Count(node => node == "b"));
    }

    [Fact]
    public void A_node_must_have_every_label_that_is_asked_for()
    {
        var asked = New with { Spec = New.Spec with { NodeLabels = Labels(("disk", "ssd"), ("zone", "a")) } };
        NodeSnapshot[] nodes =
        [
            Given.NodeNamed("a") with { Labels = Labels(("disk", "ssd")) },
            Given.NodeNamed("b") with { Labels = Labels(("disk", "hdd"), ("zone", "a")) },
        ];

        Expect(asked, "No node has the labels disk=ssd, zone=a.", nodes);
        Assert.Equal("c", NodePlacement.Choose(asked, [.. nodes, Given.NodeNamed("c") with { Labels = Labels(("zone", "a"), ("disk", "ssd"), ("more", "x")) }]).Node?.Name);
    }

    [Fact]
    public void A_node_that_is_lost_cordoned_or_removed_takes_nothing()
    {
        var bound = New with { Spec = New.Spec with { Node = "a" } };

        Expect(New, "No node can be reached.", At(NodeStanding.Lost), At(NodeStanding.Fenced));
        Expect(bound, "Node \"a\" is lost.", At(NodeStanding.Lost));
        Expect(bound, "Node \"a\" is not there.", At(NodeStanding.Removed));
        Expect(New, "Every node that could run it is cordoned.", At(NodeStanding.Live) with { Cordoned = true });
        Expect(bound, "Node \"a\" is cordoned.", At(NodeStanding.Live) with { Cordoned = true }, Given.NodeNamed("b"));
        Assert.Equal("b", NodePlacement.Choose(New, [At(NodeStanding.Live) with { Cordoned = true }, Given.NodeNamed("b")]).Node?.Name);
    }

    [Fact]
    public void An_instance_that_waits_for_its_node_is_free_when_that_was_removed()
    {
        var ran = New with { Node = "a", Epoch = 3 };

        Expect(ran, "Node \"a\" is lost.", At(NodeStanding.Lost), Given.NodeNamed("b"));
        Assert.Equal("b", NodePlacement.Choose(ran, [At(NodeStanding.Removed), Given.NodeNamed("b")]).Node?.Name);
    }

    [Fact]
    public void Limits_must_fit_into_what_is_left_and_nothing_is_taken_without_them()
    {
        var node = Given.NodeNamed("a") with { Room = new NodeRoom(2, 1000), Used = new NodeUse(5, 1.5, 900) };
        var unlimited = new InstanceLimits(Pids: 10);

        Assert.Equal("a", Choose(new InstanceLimits(100, 0.5)));
        Assert.Null(Choose(new InstanceLimits(100, 0.6)));
        Assert.Null(Choose(new InstanceLimits(101)));
        Assert.Equal("a", Choose(unlimited, node with { Used = new NodeUse(5, 3, 2000) }));
        Assert.Equal("a", Choose(new InstanceLimits(100_000, 64), node with { Room = null }));
        Assert.Null(Choose(unlimited, node with { Used = new NodeUse(100, 0, 0) }));

        string? Choose(InstanceLimits limits, NodeSnapshot? other = null) =>
            NodePlacement.Choose(New with { Spec = New.Spec with { Limits = limits } }, [other ?? node]).Node?.Name;
    }

    [Theory]
    [InlineData(20, 0, 0, 30, 0, 0, "a")]
    [InlineData(20, 0, 0, 10, 0, 0, "b")]
    [InlineData(1, 3, 0, 50, 0, 0, "b")]
    [InlineData(1, 0, 900, 50, 0, 100, "b")]
    [InlineData(60, 1, 100, 10, 2, 500, "b")]
    public void The_node_that_is_used_least_in_what_it_has_least_of_is_chosen(int instancesA, double cpusA, long memoryA, int instancesB, double cpusB, long memoryB, string expected)
    {
        NodeSnapshot[] nodes = [Used("a", instancesA, cpusA, memoryA), Used("b", instancesB, cpusB, memoryB)];

        Assert.All(Enumerable.Range(1, 3), number => Assert.Equal(expected, NodePlacement.Choose(New with { Number = number }, nodes).Node?.Name));

        static NodeSnapshot Used(string name, int instances, double cpus, long memory) =>
            Given.NodeNamed(name) with { Room = new NodeRoom(4, 1000), Used = new NodeUse(instances, cpus, memory) };
    }

    private static NodeSnapshot At(NodeStanding standing) => Given.NodeNamed("a") with { Standing = standing };

    private static ImmutableDictionary<string, string> Labels(params (string Key, string Value)[] labels) =>
        labels.ToImmutableDictionary(label => label.Key, label => label.Value);

    private static void Expect(InstanceSnapshot instance, string reason, params NodeSnapshot[] nodes)
    {
        var placement = NodePlacement.Choose(instance, nodes);

        Assert.Null(placement.Node);
        Assert.Equal(reason, placement.Reason);
    }
}
