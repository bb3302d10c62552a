using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class EndTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 7", 7, null)]
    [InlineData("kill -KILL $$", 137, 9)]
    [InlineData("kill -TERM $$", 143, 15)]
    public async Task The_exit_code_and_the_signal_are_told(string script, int exitCode, int? signal)
    {
        var start = TestNode.Script(script);

        await _node.Client.RunAsync(start);
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.Equal((RunRecordPhase.Exited, exitCode, signal, false), (end.Phase, end.ExitCode, end.Signal, end.StopRequested));
        Assert.NotNull(end.EndedAt);
    }

    [Fact]
    public async Task All_that_was_written_before_the_exit_is_in_the_console_when_the_exit_is_told()
    {
        var start = TestNode.Script("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done");

        await _node.Client.RunAsync(start);
        var end = await _node.Client.EndAsync(start.InstanceId);

        var console = _node.Console(start.InstanceId).Bytes;
        Assert.Equal(end.ConsoleEnd, console.Length);
        Assert.EndsWith("line 2999\n", _node.ConsoleText(start.InstanceId));
    }

    [Fact]
    public async Task Every_connection_that_said_hello_gets_the_notice()
    {
        await using var other = await KeeperClient.ConnectAsync(_node.DataFolder);
        var start = TestNode.Script("exit 4");

        await _node.Client.RunAsync(start);

        Assert.Equal(4, (await _node.Client.EndAsync(start.InstanceId)).ExitCode);
        Assert.Equal(4, (await other.EndAsync(start.InstanceId)).ExitCode);
    }

    [Fact]
    public async Task An_end_can_be_acknowledged_and_a_living_run_can_not()
    {
        var start = TestNode.Script("read line");
        await _node.Client.RunAsync(start);

        var early = await _node.Client.SendAsync(new AcknowledgeRequest(start.InstanceId, 1));
        await _node.WriteInputAsync(start.InstanceId, "\n");
        await _node.Client.EndAsync(start.InstanceId);
        var run = await _node.Client.RunAsync(new AcknowledgeRequest(start.InstanceId, 1));

        Assert.Equal(KeeperErrorCodes.Conflict, early.Error?.Code);
        Assert.True(run.Acknowledged);
    }

    [Fact]
    public async Task A_signal_reaches_the_program_and_what_has_ended_takes_none()
    {
        var start = TestNode.Script("trap 'exit 9' USR1; echo ready; while :; do sleep 0.01; done");
        await _node.Client.RunAsync(start);
        await _node.ConsoleContainsAsync(start.InstanceId, "ready");

        await _node.Client.RunAsync(new SignalRequest(start.InstanceId, 1, 10));
        var end = await _node.Client.EndAsync(start.InstanceId);
        var late = await _node.Client.SendAsync(new SignalRequest(start.InstanceId, 1, 10));

        Assert.Equal(9, end.ExitCode);
        Assert.Equal(KeeperErrorCodes.Conflict, late.Error?.Code);
    }
}
