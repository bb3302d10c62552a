using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class TreeTests : IAsyncLifetime
{
    // A plain child, one in a session of its own, and one that a process in between left behind.
    private const string Family = """
        sleep 1000 & echo child=$!
        setsid sh -c 'echo detached=$$; exec sleep 1000' &
        (setsid sh -c 'sleep 1000 & echo orphan=$!' &)
        """;

    private static readonly string[] Members = ["child", "detached", "orphan"];

    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Nothing_of_the_tree_is_left_after_a_stop()
    {
        var start = TestNode.Script(Family + "\nwait");
        await _node.Client.RunAsync(start);
        var members = await MembersAsync(start.InstanceId);

        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 30_000));
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.All(members, pid => Assert.True(LiveProcess.IsGone(pid), $"{pid} is alive"));
        Assert.Equal((143, true), (end.ExitCode, end.StopRequested));
    }

    [Fact]
    public async Task Nothing_of_the_tree_is_left_when_the_program_ends_by_itself()
    {
        var start = TestNode.Script(Family + "\nread line; exit 5");
        await _node.Client.RunAsync(start);
        var members = await MembersAsync(start.InstanceId);

        await _node.WriteInputAsync(start.InstanceId, "\n");
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.All(members, pid => Assert.True(LiveProcess.IsGone(pid), $"{pid} is alive"));
        Assert.Equal(5, end.ExitCode);
    }

    [Fact]
    public async Task A_child_without_the_mark_is_found_by_its_session()
    {
        var start = TestNode.Script("env -i sleep 1000 & echo child=$!; read line");
        await _node.Client.RunAsync(start);
        var child = await _node.NumberAsync(start.InstanceId, "child");

        await _node.WriteInputAsync(start.InstanceId, "\n");
        await _node.Client.EndAsync(start.InstanceId);

        Assert.True(LiveProcess.IsGone(child));
    }

    [Fact]
    public async Task Other_instances_are_spared()
    {
        var stopped = TestNode.Script(Family + "\nwait");
        var spared = TestNode.Script(Family + "\nwait");
        await _node.Client.RunAsync(stopped);
        await _node.Client.RunAsync(spared);
        await MembersAsync(stopped.InstanceId);
        var members = await MembersAsync(spared.InstanceId);

        await _node.Client.RunAsync(new StopRequest(stopped.InstanceId, 1, Signal: 9, TimeoutMs: 0));
        await _node.Client.EndAsync(stopped.InstanceId);

        Assert.All(members, pid => Assert.False(LiveProcess.IsGone(pid), $"{pid} is gone"));
    }

    [Fact]
    public async Task A_pause_stops_the_whole_tree_in_place_and_a_resume_continues_it()
    {
        var start = TestNode.Script(Family + "\nwait");
        var run = await _node.Client.RunAsync(start);
        var tree = (await MembersAsync(start.InstanceId)).Append(run.Pid).ToList();

        var paused = await _node.Client.RunAsync(new PauseRequest(start.InstanceId, 1));
        Assert.Equal(RunRecordPhase.Paused, paused.Phase);
        Assert.All(tree, pid => Assert.Equal('T', LiveProcess.State(pid)));

        var resumed = await _node.Client.RunAsync(new ResumeRequest(start.InstanceId, 1));
        Assert.Equal(RunRecordPhase.Running, resumed.Phase);
        Assert.All(tree, pid => Assert.NotEqual('T', LiveProcess.State(pid)));
    }

    [Fact]
    public async Task A_paused_tree_can_be_stopped()
    {
        var start = TestNode.Script(Family + "\ntrap 'echo bye; exit 6' TERM; wait");
        await _node.Client.RunAsync(start);
        await MembersAsync(start.InstanceId);
        await _node.Client.RunAsync(new PauseRequest(start.InstanceId, 1));

        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 30_000));
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal(6, end.ExitCode);
        Assert.EndsWith("bye\n", _node.ConsoleText(start.InstanceId));
    }

    private async Task<List<int>> MembersAsync(Guid instanceId)
    {
        var members = new List<int>();
        foreach (var name in Members)
        {
            members.Add(await _node.NumberAsync(instanceId, name));
        }

        Assert.All(members, pid => Assert.False(LiveProcess.IsGone(pid), $"{pid} is gone"));
        return members;
    }
}
