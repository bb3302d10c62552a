using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class InputTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task The_loss_of_a_writer_is_no_end_of_file_and_closing_the_input_is_one()
    {
        var start = TestNode.Script("cat; echo eof");
        await _node.Client.RunAsync(start);

        await _node.WriteInputAsync(start.InstanceId, "one\n");
        await _node.ConsoleContainsAsync(start.InstanceId, "one\n");
        await _node.WriteInputAsync(start.InstanceId, "two\n");
        await _node.ConsoleContainsAsync(start.InstanceId, "two\n");
        Assert.DoesNotContain("eof", _node.ConsoleText(start.InstanceId));

        var closed = await _node.Client.RunAsync(new CloseInputRequest(start.InstanceId, 1));
        await _node.Client.EndAsync(start.InstanceId);

        Assert.True(closed.InputClosed);
        Assert.Equal("one\ntwo\neof\n", _node.ConsoleText(start.InstanceId));
    }

    [Fact]
    public async Task A_program_that_never_reads_end_of_file_outlives_the_closing_of_its_input()
    {
        var start = TestNode.Script("cat; echo eof") with { NeverEof = true };
        await _node.Client.RunAsync(start);

        await _node.Client.RunAsync(new CloseInputRequest(start.InstanceId, 1));
        await _node.WriteInputAsync(start.InstanceId, "one\n");
        await _node.ConsoleContainsAsync(start.InstanceId, "one\n");
        await _node.WriteInputAsync(start.InstanceId, "two\n");

        Assert.DoesNotContain("eof", await _node.ConsoleContainsAsync(start.InstanceId, "two\n"));
    }

    [Fact]
    public async Task A_closed_input_stays_closed_for_the_next_keeper()
    {
        var start = TestNode.Script("read line; echo first; while ! test -e go; do sleep 0.01; done; read line || echo eof");
        await _node.Client.RunAsync(start);
        await _node.WriteInputAsync(start.InstanceId, "x\n");
        await _node.ConsoleContainsAsync(start.InstanceId, "first");
        await _node.Client.RunAsync(new CloseInputRequest(start.InstanceId, 1));

        // The program reads only now, so that it is the next keeper that must not hold a write end.
        await _node.RestartKeeperAsync();
        await File.WriteAllTextAsync(Path.Combine(_node.Folder(start.InstanceId).Files, "go"), "");

        await _node.ConsoleContainsAsync(start.InstanceId, "eof");
    }
}
