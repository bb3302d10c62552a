using System.Diagnostics;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class StopTests : IAsyncLifetime
{
    private const string Stubborn = "trap '' TERM; (trap '' TERM; echo child=$(exec sh -c 'echo $PPID'); while :; do sleep 0.05; done) & echo ready; while :; do sleep 0.05; done";

    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_program_that_ignores_the_signal_is_killed_at_the_deadline_with_all_its_tree()
    {
        var start = TestNode.Script(Stubborn);
        await _node.Client.RunAsync(start);
        await _node.ConsoleContainsAsync(start.InstanceId, "ready");
        var child = await _node.NumberAsync(start.InstanceId, "child");

        var begun = Stopwatch.GetTimestamp();
        var stopping = await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 300));
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal(RunRecordPhase.Stopping, stopping.Phase);
        Assert.Equal((137, 9, true), (end.ExitCode, end.Signal, end.StopRequested));
        Assert.True(Stopwatch.GetElapsedTime(begun) >= TimeSpan.FromMilliseconds(295), "It was killed before the deadline.");
        Assert.True(LiveProcess.IsGone(child));
    }

    [Fact]
    public async Task A_second_stop_shortens_the_time_that_is_left_and_never_lengthens_it()
    {
        var start = TestNode.Script(Stubborn);
        await _node.Client.RunAsync(start);
        await _node.ConsoleContainsAsync(start.InstanceId, "ready");

        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 3_600_000));
        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 50));
        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 3_600_000));
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal(137, end.ExitCode);
    }

    [Fact]
    public async Task A_stop_of_what_has_ended_answers_its_end()
    {
        var start = TestNode.Script("exit 2");
        await _node.Client.RunAsync(start);
        await _node.Client.EndAsync(start.InstanceId);

        var run = await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 100));

        Assert.Equal((RunRecordPhase.Exited, 2, false), (run.Phase, run.ExitCode, run.StopRequested));
    }

    [Fact]
    public async Task An_epoch_that_is_stopped_before_its_start_is_never_started_even_by_a_next_keeper()
    {
        var start = TestNode.Script("echo ran");

        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 100));
        var notice = await _node.Client.EndAsync(start.InstanceId);
        await _node.RestartKeeperAsync();
        var started = await _node.Client.RunAsync(start);

        Assert.Equal(RunRecordPhase.Exited, notice.Phase);
        Assert.Null(notice.ExitCode);
        Assert.Equal(RunRecordPhase.Exited, started.Phase);
        Assert.False(Directory.Exists(_node.Folder(start.InstanceId).Console));
    }

    [Fact]
    public async Task A_stop_with_a_number_that_is_no_signal_changes_nothing()
    {
        var start = TestNode.Script("read line; exit 1");
        await _node.Client.RunAsync(start);

        var reply = await _node.Client.SendAsync(new StopRequest(start.InstanceId, 1, Signal: 0, TimeoutMs: 0));
        await _node.WriteInputAsync(start.InstanceId, "\n");

        Assert.NotNull(reply.Error);
        Assert.Equal(1, (await _node.Client.EndAsync(start.InstanceId)).ExitCode);
    }

    [Fact]
    public async Task Stop_all_ends_the_instances_and_the_keeper_and_says_how_many()
    {
        await _node.Client.RunAsync(TestNode.Script("sleep 1000"));
        await _node.Client.RunAsync(TestNode.Script(Stubborn));

        var (exitCode, output, _) = await TestNode.RunAsync("--data", _node.DataFolder, "--stop-all", "--timeout-seconds", "1");
        var again = await TestNode.RunAsync("--data", _node.DataFolder, "--stop-all");

        Assert.Equal((0, "2 instances stopped.\n"), (exitCode, output));
        await Eventually.TrueAsync(() => LiveProcess.IsGone(_node.KeeperPid), "the end of the keeper");
        Assert.Equal(0, again.ExitCode);
    }
}
