using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>
/// Every status against everything that can be known of its node, <c>alpha</c> in registration 5, while <c>beta</c> is there
/// too: the status that follows and, where another epoch began, on which node; <c>=</c> for no change; the code of a refusal.
/// </summary>
public sealed class NodeLossTableTests
{
    private const string Table = """
        from                  | live     | none          | older         | lost          | fenced        | removed       | anew           | succeeded      | refused_stale | move
        wait Pending          | Starting | Pending       | Pending       | Pending       | Pending       | Starting beta | Starting       | Starting       | =             | not_running
        wait Starting         | =        | =             | =             | Lost          | Lost          | Failed        | =              | Failed         | Pending       | stays
        wait Running          | =        | =             | =             | Lost          | Lost          | Failed        | =              | Failed         | =             | stays
        wait Pausing          | =        | =             | =             | Lost          | Lost          | Failed        | =              | Failed         | Running       | stays
        wait Paused           | =        | =             | =             | Lost          | Lost          | Failed        | =              | Failed         | =             | stays
        wait Paused+Resume    | =        | =             | =             | Lost          | Lost          | Failed        | =              | Failed         | Paused        | stays
        wait Stopping         | =        | =             | =             | Lost          | Lost          | Stopped       | =              | Stopped        | =             | =
        wait Stopping+Restart | =        | =             | =             | Lost          | Lost          | Starting beta | =              | Starting alpha | =             | =
        wait Stopping+Delete  | =        | =             | =             | Lost          | Lost          | Deleted       | =              | Deleted        | =             | being_deleted
        wait Stopping+Heal    | =        | =             | =             | Lost          | Lost          | Backoff       | =              | Backoff        | =             | =
        wait Lost             | Running  | =             | =             | =             | =             | Failed        | Running        | Failed         | =             | node_lost
        wait Backoff          | Starting | Pending       | Pending       | Pending       | Pending       | Starting beta | Starting       | Starting       | =             | not_running
        wait Stopped          | =        | =             | =             | =             | =             | =             | =              | =              | =             | not_running
        wait Failed           | =        | =             | =             | =             | =             | =             | =              | =              | =             | not_running
        wait Deleted          | =        | =             | =             | =             | =             | =             | =              | =              | =             | not_found
        move Pending          | Starting | Starting beta | Starting beta | Starting beta | Starting beta | Starting beta | Starting       | Starting       | =             | not_running
        move Starting         | =        | =             | =             | Lost          | Starting beta | Starting beta | Starting beta  | Starting beta  | Starting beta | Stopping
        move Running          | =        | =             | =             | Lost          | Starting beta | Starting beta | Starting beta  | Starting beta  | =             | Stopping
        move Pausing          | =        | =             | =             | Lost          | Starting beta | Starting beta | Starting beta  | Starting beta  | Running       | Stopping
        move Paused           | =        | =             | =             | Lost          | Starting beta | Starting beta | Starting beta  | Starting beta  | =             | Stopping
        move Paused+Resume    | =        | =             | =             | Lost          | Starting beta | Starting beta | Starting beta  | Starting beta  | Paused        | Stopping
        move Stopping         | =        | =             | =             | Lost          | Stopped       | Stopped       | Stopped        | Stopped        | =             | =
        move Stopping+Restart | =        | =             | =             | Lost          | Starting beta | Starting beta | Starting alpha | Starting alpha | =             | =
        move Stopping+Delete  | =        | =             | =             | Lost          | Deleted       | Deleted       | Deleted        | Deleted        | =             | being_deleted
        move Stopping+Heal    | =        | =             | =             | Lost          | Backoff       | Backoff       | Backoff        | Backoff        | =             | =
        move Stopping+Move    | =        | =             | =             | Lost          | Starting beta | Starting beta | Starting beta  | Starting beta  | =             | =
        move Lost             | Running  | =             | =             | =             | Starting beta | Starting beta | Starting beta  | Starting beta  | =             | node_lost
        move Backoff          | Starting | Starting beta | Starting beta | Starting beta | Starting beta | Starting beta | Starting       | Starting       | =             | not_running
        """;

    private static readonly NodeSnapshot Alpha = Given.NodeNamed(Given.Node) with { Incarnation = 5, Since = 2 };
    private static readonly NodeSnapshot Beta = Given.NodeNamed("beta") with { Incarnation = 3, Since = 3 };

    public static TheoryData<string, string, string> Cells()
    {
        var cells = new TheoryData<string, string, string>();
        var lines = Table.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        foreach (var row in lines.Skip(1))
        {
            foreach (var (known, expected) in lines[0].Zip(row).Skip(1))
            {
                cells.Add(row[0], known, expected);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_status_follows_what_is_known_of_its_node(string from, string known, string expected)
    {
        var state = StateOf(from);
        InstanceInput input = known switch
        {
            "refused_stale" => new InstanceInput.OrderRefused(new Refusal(RefusalKind.Conflict, NodeReply.StaleIncarnation, "It is at 6.")),
            "move" => new InstanceInput.Move(),
            _ => new InstanceInput.Due(),
        };

        var transition = InstanceLifecycle.Apply(state, input, Given.Context(null, Nodes(known)));

        Assert.Equal(expected, Describe(state, transition));
    }

    [Fact]
    public void The_table_names_every_status_that_a_node_may_have_a_part_in_under_both_policies()
    {
        var rows = Cells().Select(cell => ((string)cell[0]).Split('+')[0]).ToHashSet();

        var expected = Enum.GetNames<InstanceStatus>().SelectMany(status => new[] { "wait " + status, "move " + status });
        Assert.Equal(["move Deleted", "move Failed", "move Stopped"], expected.Except(rows).Order());
    }

    private static NodeSnapshot[] Nodes(string known) => known switch
    {
        "none" => [Beta],
        "older" => [Alpha with { Incarnation = 4, Standing = NodeStanding.Fenced }, Beta],
        "lost" => [Alpha with { Standing = NodeStanding.Lost }, Beta],
        "fenced" => [Alpha with { Standing = NodeStanding.Fenced }, Beta],
        "removed" => [Alpha with { Standing = NodeStanding.Removed }, Beta],
        "anew" => [Alpha with { Incarnation = 6 }, Beta],
        "succeeded" => [Alpha with { Incarnation = 6, Since = 6 }, Beta],
        _ => [Alpha, Beta],
    };

    private static InstanceState StateOf(string name)
    {
        var parts = name.Split(' ', '+');
        var spec = Given.Spec with { OnNodeLoss = parts[0] == "move" ? NodeLossPolicy.Move : NodeLossPolicy.Wait };
        var state = Given.State(Enum.Parse<InstanceStatus>(parts[1]), parts.Length > 2 ? Enum.Parse<InstanceGoal>(parts[2]) : InstanceGoal.None, spec);
        return state with { Incarnation = 5, Begun = spec };
    }

    private static string Describe(InstanceState before, Transition transition) => transition switch
    {
        { Refusal: { } refusal } => refusal.Code,
        { State: var state } when ReferenceEquals(state, before) => "=",
        { State.Snapshot: { Status: InstanceStatus.Starting } instance } when before.Snapshot!.Node != instance.Node || before.Goal == InstanceGoal.Restart => $"Starting {instance.Node}",
        { State.Snapshot: { } instance } => instance.Status.ToString(),
        _ => "nothing",
    };
}
