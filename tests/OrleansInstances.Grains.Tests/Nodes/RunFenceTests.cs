using OrleansInstances.Grains.Nodes;
using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Nodes;

/// <summary>A run of registration 5, against every row of its node.</summary>
public sealed class RunFenceTests
{
    [Theory]
    [InlineData(4, 2, NodeStanding.Live, false, false)]
    [InlineData(4, 2, NodeStanding.Lost, false, false)]
    [InlineData(4, 2, NodeStanding.Fenced, false, false)]
    [InlineData(4, 2, NodeStanding.Removed, false, false)]
    [InlineData(5, 2, NodeStanding.Live, false, false)]
    [InlineData(5, 2, NodeStanding.Lost, false, false)]
    [InlineData(5, 2, NodeStanding.Fenced, true, false)]
    [InlineData(5, 2, NodeStanding.Removed, true, true)]
    [InlineData(6, 2, NodeStanding.Live, true, false)]
    [InlineData(6, 2, NodeStanding.Lost, true, false)]
    [InlineData(6, 2, NodeStanding.Fenced, true, false)]
    [InlineData(6, 2, NodeStanding.Removed, true, true)]
    [InlineData(6, 5, NodeStanding.Live, true, false)]
    [InlineData(6, 6, NodeStanding.Live, true, true)]
    [InlineData(6, 6, NodeStanding.Lost, true, true)]
    public void What_the_row_says_of_the_run(long incarnation, long since, NodeStanding standing, bool moveIsOver, bool waitIsOver)
    {
        var node = Given.NodeNamed("a") with { Incarnation = incarnation, Since = since, Standing = standing };

        Assert.Equal(moveIsOver, RunFence.IsOver(5, NodeLossPolicy.Move, node));
        Assert.Equal(waitIsOver, RunFence.IsOver(5, NodeLossPolicy.Wait, node));
    }

    [Fact]
    public void A_node_that_is_not_known_says_nothing()
    {
        Assert.False(RunFence.IsOver(5, NodeLossPolicy.Move, null));
        Assert.False(RunFence.IsOver(5, NodeLossPolicy.Wait, null));
    }

    [Theory]
    [InlineData(NodeLossPolicy.Move)]
    [InlineData(NodeLossPolicy.Wait)]
    public void A_run_from_before_there_were_registrations_is_over_only_when_its_node_was_removed(NodeLossPolicy policy)
    {
        var node = Given.NodeNamed("a") with { Incarnation = 6, Since = 6 };

        Assert.All(Enum.GetValues<NodeStanding>(), standing => Assert.Equal(standing == NodeStanding.Removed, RunFence.IsOver(0, policy, node with { Standing = standing })));
    }
}
