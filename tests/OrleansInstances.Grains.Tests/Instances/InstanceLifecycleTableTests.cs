using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>Every status against every input: the status that follows, <c>=</c> for no change, or the code of the refusal.</summary>
public sealed class InstanceLifecycleTableTests
{
    private const string Table = """
        from             | start            | stop          | kill        | pause         | resume        | restart       | delete    | move          | due      | running | adopted | unhealthy | paused | exit0    | exit3    | start_failed | no_room  | refused
        Pending          | Starting         | Stopped       | Stopped     | not_running   | not_paused    | Starting      | Deleted   | not_running   | Starting | =       | =       | =         | =      | =        | =        | =            | =        | =
        Starting         | already_starting | Stopping      | Stopping    | not_running   | not_paused    | Stopping      | Stopping  | stays         | =        | Running | Running | Stopping  | Paused | Stopped  | Failed   | Failed       | Pending  | Failed
        Running          | already_running  | Stopping      | Stopping    | Pausing       | =             | Stopping      | Stopping  | stays         | =        | =       | Running | Stopping  | Paused | Stopped  | Failed   | Failed       | Pending  | =
        Pausing          | already_running  | Stopping      | Stopping    | =             | not_paused    | Stopping      | Stopping  | stays         | =        | Running | =       | Stopping  | Paused | Stopped  | Failed   | Failed       | Pending  | Running
        Paused           | already_running  | Stopping      | Stopping    | =             | Paused        | Stopping      | Stopping  | stays         | =        | Running | =       | Stopping  | =      | Stopped  | Failed   | Failed       | Pending  | =
        Paused+Resume    | already_running  | Stopping      | Stopping    | not_running   | =             | Stopping      | Stopping  | stays         | =        | Running | Running | Stopping  | =      | Stopped  | Failed   | Failed       | Pending  | Paused
        Stopping         | stopping         | =             | Stopping    | not_running   | not_paused    | stopping      | Stopping  | =             | =        | =       | =       | =         | =      | Stopped  | Stopped  | Stopped      | Stopped  | =
        Stopping+Restart | stopping         | Stopping      | Stopping    | not_running   | not_paused    | stopping      | Stopping  | =             | =        | =       | =       | =         | =      | Starting | Starting | Starting     | Starting | =
        Stopping+Heal    | stopping         | Stopping      | Stopping    | not_running   | not_paused    | stopping      | Stopping  | =             | =        | =       | =       | =         | =      | Backoff  | Backoff  | Backoff      | Backoff  | =
        Stopping+Delete  | being_deleted    | being_deleted | Stopping    | being_deleted | being_deleted | being_deleted | =         | being_deleted | =        | =       | =       | =         | =      | Deleted  | Deleted  | Deleted      | Deleted  | =
        Backoff          | Starting         | Stopped       | Stopped     | not_running   | not_paused    | Starting      | Deleted   | not_running   | Starting | =       | =       | =         | =      | =        | =        | =            | =        | =
        Stopped          | Starting         | not_running   | not_running | not_running   | not_paused    | Starting      | Deleted   | not_running   | =        | =       | =       | =         | =      | =        | =        | =            | =        | =
        Failed           | Starting         | not_running   | not_running | not_running   | not_paused    | Starting      | Deleted   | not_running   | =        | =       | =       | =         | =      | =        | =        | =            | =        | =
        Lost             | node_lost        | Lost          | Lost        | node_lost     | node_lost     | Lost          | Lost      | node_lost     | Running  | Running | Running | Stopping  | Paused | Stopped  | Failed   | Failed       | Pending  | =
        Deleted          | not_found        | not_found     | not_found   | not_found     | not_found     | not_found     | not_found | not_found     | =        | =       | =       | =         | =      | =        | =        | =            | =        | =
        """;

    public static TheoryData<string, string, string> Cells()
    {
        var cells = new TheoryData<string, string, string>();
        var lines = Table.Split('\n').Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToList();
        foreach (var row in lines.Skip(1))
        {
            foreach (var (input, expected) in lines[0].Zip(row).Skip(1))
            {
                cells.Add(row[0], input, expected);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_status_has_an_answer_to_every_input(string from, string input, string expected)
    {
        var state = StateOf(from);

        var transition = InstanceLifecycle.Apply(state, InputOf(input), Given.Context());

        Assert.Equal(expected, Describe(state, transition));
    }

    [Fact]
    public void The_table_names_every_status_and_every_input()
    {
        var rows = Cells().Select(cell => ((string)cell[0]).Split('+')[0]).ToHashSet();

        var inputs = typeof(InstanceInput).GetNestedTypes().Select(type => type.Name).Except([nameof(InstanceInput.Create), nameof(InstanceInput.Update), nameof(InstanceInput.ExecBegun), nameof(InstanceInput.ExecEnded), nameof(InstanceInput.Noted)]);
        var covered = Cells().Select(cell => InputOf((string)cell[1]).GetType().Name).ToHashSet();
        Assert.Empty(Enum.GetNames<InstanceStatus>().Except(rows));
        Assert.Empty(inputs.Except(covered));
    }

    private static InstanceState StateOf(string name)
    {
        var parts = name.Split('+');
        var healing = Given.Spec with { Health = new HealthSpec { TcpPort = 80, Restart = true } };
        return Given.State(Enum.Parse<InstanceStatus>(parts[0]), parts.Length > 1 ? Enum.Parse<InstanceGoal>(parts[1]) : InstanceGoal.None, healing);
    }

    private static InstanceInput InputOf(string name) => name switch
    {
        "start" => new InstanceInput.Start(),
        "stop" => new InstanceInput.Stop(),
        "kill" => new InstanceInput.Kill(),
        "pause" => new InstanceInput.Pause(),
        "resume" => new InstanceInput.Resume(),
        "restart" => new InstanceInput.Restart(),
        "delete" => new InstanceInput.Delete(),
        "move" => new InstanceInput.Move(),
        "due" => new InstanceInput.Due(),
        "running" => Given.Reported(RunPhase.Running),
        "adopted" => Given.Reported(RunPhase.Running, adopted: true),
        "unhealthy" => Given.Reported(RunPhase.Running, health: InstanceHealth.Unhealthy),
        "paused" => Given.Reported(RunPhase.Paused),
        "exit0" => Given.Reported(RunPhase.Exited, exitCode: 0),
        "exit3" => Given.Reported(RunPhase.Exited, exitCode: 3),
        "start_failed" => Given.Reported(RunPhase.StartFailed),
        "no_room" => Given.Reported(RunPhase.NoRoom),
        "refused" => new InstanceInput.OrderRefused(new Refusal(RefusalKind.Conflict, "stale", "The node has passed this epoch.")),
        _ => throw new ArgumentException(name),
    };

    private static string Describe(InstanceState before, Transition transition) => transition switch
    {
        { Refusal: { } refusal } => refusal.Code,
        { State: var state } when ReferenceEquals(state, before) => "=",
        { State.Snapshot: { } instance } => instance.Status.ToString(),
        _ => "nothing",
    };
}
