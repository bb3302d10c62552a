using System.Globalization;
using System.Text.RegularExpressions;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class StartTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_program_reads_what_is_written_to_its_stdin_and_its_answer_is_in_the_console()
    {
        var start = TestNode.Command(["cat"]);

        var run = await _node.Client.RunAsync(start);
        await _node.WriteInputAsync(start.InstanceId, "hello\n");

        Assert.Equal(RunRecordPhase.Running, run.Phase);
        Assert.NotNull(LiveProcess.State(run.Pid));
        await _node.ConsoleContainsAsync(start.InstanceId, "hello\n");
    }

    [Fact]
    public async Task A_program_gets_the_environment_of_the_request_and_its_mark_and_nothing_else()
    {
        var start = TestNode.Command(["/usr/bin/env"]) with { Env = new Dictionary<string, string> { ["K"] = "a b=c", ["OI_EPOCH"] = "99" } };

        await _node.Client.RunAsync(start);
        await _node.Client.EndAsync(start.InstanceId);

        string[] expected = ["K=a b=c", "OI_EPOCH=1", $"OI_INSTANCE_ID={start.InstanceId:D}"];
        Assert.Equal(expected, _node.ConsoleText(start.InstanceId).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task A_program_has_a_session_of_its_own_and_the_three_standard_descriptors()
    {
        var start = TestNode.Script("ls /proc/$$/fd; cut -d' ' -f1,6 /proc/$$/stat; echo end; sleep 1000");

        var run = await _node.Client.RunAsync(start);
        var output = await _node.ConsoleContainsAsync(start.InstanceId, "\nend\n");

        Assert.StartsWith($"0\n1\n2\n{run.Pid} {run.Pid}\n", output);
    }

    /// <summary>It looks at itself: a shell that is asked from outside may be between two steps of starting something, with its signals blocked.</summary>
    [Fact]
    public async Task A_program_has_default_signals()
    {
        var start = TestNode.Command(["/bin/grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"]);

        await _node.Client.RunAsync(start);
        await _node.Client.EndAsync(start.InstanceId);

        var output = _node.ConsoleText(start.InstanceId);
        Assert.Contains("SigBlk:\t0000000000000000\n", output);

        // glibc itself ignores its two internal signals, 32 and 33, in what it spawns.
        var ignored = Regex.Match(output, "SigIgn:\t([0-9a-f]{16})\n").Groups[1].Value;
        Assert.Equal(0UL, ulong.Parse(ignored, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & 0x7FFF_FFFF);
    }

    [Fact]
    public async Task A_program_runs_in_the_instances_files_folder_unless_told_otherwise()
    {
        var here = TestNode.Command(["pwd"]);
        var elsewhere = TestNode.Command(["pwd"]) with { Cwd = "/usr" };

        await _node.Client.RunAsync(here);
        await _node.Client.RunAsync(elsewhere);
        await _node.Client.EndAsync(here.InstanceId);
        await _node.Client.EndAsync(elsewhere.InstanceId);

        Assert.Equal(_node.Folder(here.InstanceId).Files + "\n", _node.ConsoleText(here.InstanceId));
        Assert.Equal("/usr\n", _node.ConsoleText(elsewhere.InstanceId));
    }

    [Fact]
    public async Task The_same_start_again_answers_the_run_that_is_there()
    {
        var start = TestNode.Script("echo once; sleep 1000");

        var first = await _node.Client.RunAsync(start);
        var second = await _node.Client.RunAsync(start);
        await _node.ConsoleContainsAsync(start.InstanceId, "once");

        Assert.Equal(first.Pid, second.Pid);
        Assert.Equal("once\n", _node.ConsoleText(start.InstanceId));
    }

    [Fact]
    public async Task The_same_start_after_the_end_answers_the_end()
    {
        var start = TestNode.Script("exit 3");
        await _node.Client.RunAsync(start);
        await _node.Client.EndAsync(start.InstanceId);

        var again = await _node.Client.RunAsync(start);

        Assert.Equal((RunRecordPhase.Exited, 3), (again.Phase, again.ExitCode));
    }

    [Fact]
    public async Task An_epoch_that_was_passed_is_stale()
    {
        var start = TestNode.Script("true", epoch: 5);
        await _node.Client.RunAsync(start);
        await _node.Client.EndAsync(start.InstanceId, 5);

        var reply = await _node.Client.SendAsync(start with { Epoch = 4 });

        Assert.Equal(KeeperErrorCodes.Stale, reply.Error?.Code);
        Assert.Equal(5, reply.Run?.Epoch);
    }

    [Fact]
    public async Task A_higher_epoch_is_refused_while_the_one_before_is_alive_and_starts_after_it()
    {
        var first = TestNode.Script("read line; exit 0");
        var second = first with { Epoch = 2 };
        await _node.Client.RunAsync(first);

        var refused = await _node.Client.SendAsync(second);
        await _node.WriteInputAsync(first.InstanceId, "\n");
        await _node.Client.EndAsync(first.InstanceId);
        var started = await _node.Client.RunAsync(second);

        Assert.Equal(KeeperErrorCodes.Conflict, refused.Error?.Code);
        Assert.Equal((2, RunRecordPhase.Running), (started.Epoch, started.Phase));
        Assert.False(File.Exists(_node.Folder(first.InstanceId).Stdin(1)));
        Assert.True(File.Exists(_node.Folder(first.InstanceId).Stdin(2)));
    }

    [Fact]
    public async Task A_removed_instance_leaves_nothing_and_a_running_one_is_not_removed()
    {
        var start = TestNode.Script("read line");
        await _node.Client.RunAsync(start);

        var refused = await _node.Client.SendAsync(new RemoveRequest(start.InstanceId));
        await _node.WriteInputAsync(start.InstanceId, "\n");
        await _node.Client.EndAsync(start.InstanceId);
        var removed = await _node.Client.SendAsync(new RemoveRequest(start.InstanceId));
        var list = await _node.Client.SendAsync(new ListRequest());

        Assert.Equal(KeeperErrorCodes.Conflict, refused.Error?.Code);
        Assert.Null(removed.Error);
        Assert.False(Directory.Exists(_node.Folder(start.InstanceId).Path));
        Assert.DoesNotContain(list.Runs!, run => run.InstanceId == start.InstanceId);
    }
}
