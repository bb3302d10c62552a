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

        Assert.Equal("b", NodePlacement.Choose(asked, [Given.NodeNamed("a", "us"), Given.NodeNamed("b", "eu")]).Node);
        Assert.Equal("c", NodePlacement.Choose(asked, [Given.NodeNamed("a", "us"), Given.NodeNamed("c")]).Node);
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
        Assert.Equal("a", NodePlacement.Choose(ran, [Given.NodeNamed("b"), Given.NodeNamed("a")]).Node);
    }

    [Fact]
    public void An_instance_that_may_move_goes_to_any_node()
    {
        var ran = New with { Node = "a", Spec = New.Spec with { OnNodeLoss = NodeLossPolicy.Move } };

        Assert.Equal("b", NodePlacement.Choose(ran, [Given.NodeNamed("b")]).Node);
    }

    [Fact]
    public void Instances_are_spread_over_the_nodes_that_can_take_them()
    {
        NodeSnapshot[] nodes = [Given.NodeNamed("a"), Given.NodeNamed("b")];

        var chosen = Enumerable.Range(1, 10).Select(number => NodePlacement.Choose(New with { Number = number }, nodes).Node).ToList();

        Assert.Equal(5, chosen.Count(node => node == "a"));
        Assert.Equal(5, chosen.Count(node => node == "b"));
    }

    private static void Expect(InstanceSnapshot instance, string reason, params NodeSnapshot[] nodes)
    {
        var placement = NodePlacement.Choose(instance, nodes);

        Assert.Null(placement.Node);
        Assert.Equal(reason, placement.Reason);
    }
}
