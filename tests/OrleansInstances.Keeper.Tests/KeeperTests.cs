using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class KeeperTests
{
    [Fact]
    public async Task A_second_keeper_on_a_folder_is_refused()
    {
        await using var node = await TestNode.StartAsync();

        var (exitCode, _, errors) = await TestNode.RunAsync("--data", node.DataFolder);

        Assert.Equal(3, exitCode);
        Assert.Contains($"Another keeper runs on {node.DataFolder}", errors);
    }

    [Fact]
    public async Task A_data_folder_with_a_path_longer_than_a_socket_address_works()
    {
        await using var node = await TestNode.StartAsync(Path.Combine(new string('a', 120), new string('b', 120)));
        var start = TestNode.Script("echo works");

        await node.Client.RunAsync(start);
        await node.Client.EndAsync(start.InstanceId);

        Assert.Equal("works\n", node.ConsoleText(start.InstanceId));
    }

    [Fact]
    public async Task Only_the_owner_can_look_into_the_data_folder()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("echo secret; read line");
        await node.Client.RunAsync(start);
        await node.ConsoleContainsAsync(start.InstanceId, "secret");

        string[] paths = [node.DataFolder, InstanceFolder.KeeperSocket(node.DataFolder), .. Directory.GetFileSystemEntries(node.DataFolder, "*", SearchOption.AllDirectories)];

        Assert.All(paths, path => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)));
    }

    [Fact]
    public async Task Hangup_and_interrupt_leave_the_keeper_alone_and_its_end_by_a_signal_leaves_the_instances_running()
    {
        await using var node = await TestNode.StartAsync();
        var run = await node.Client.RunAsync(TestNode.Script("sleep 1000"));

        await SignalAsync(node.KeeperPid, "HUP");
        await SignalAsync(node.KeeperPid, "INT");
        Assert.NotNull((await node.Client.SendAsync(new ListRequest())).Runs);
        await SignalAsync(node.KeeperPid, "TERM");
        await Eventually.TrueAsync(() => LiveProcess.IsGone(node.KeeperPid), "the end of the keeper");

        Assert.False(LiveProcess.IsGone(run.Pid));
    }

    [Fact]
    public async Task Out_of_descriptors_a_start_is_refused_starts_nothing_and_can_be_repeated()
    {
        await using var node = await TestNode.StartAsync(openFiles: 200);
        var runs = new List<Guid>();
        KeeperMessage reply;
        StartRequest start;
        do
        {
            Assert.InRange(runs.Count, 0, 100);
            start = TestNode.Script("read line");
            reply = await node.Client.SendAsync(start);
            runs.Add(start.InstanceId);
        }
        while (reply.Error is null);

        Assert.Equal(KeeperErrorCodes.Failed, reply.Error.Code);
        Assert.Contains("descriptors", reply.Error.Message);
        Assert.False(File.Exists(node.Folder(start.InstanceId).RunFile));

        await node.WriteInputAsync(runs[0], "\n");
        await node.Client.EndAsync(runs[0]);
        Assert.Equal(RunRecordPhase.Running, (await node.Client.RunAsync(start)).Phase);
    }

    [Theory]
    [InlineData]
    [InlineData("--data")]
    [InlineData("--data", "x", "--what")]
    [InlineData("--data", "x", "--stop-all", "--timeout-seconds", "soon")]
    [InlineData("--data", "x", "--stop-all", "--", "silo")]
    [InlineData("--data", "x", "--")]
    public async Task Arguments_that_make_no_sense_are_answered_with_the_usage(params string[] arguments)
    {
        var (exitCode, _, errors) = await TestNode.RunAsync(arguments);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("usage:", errors);
    }

    private static async Task SignalAsync(int pid, string signal)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", $"{pid}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
