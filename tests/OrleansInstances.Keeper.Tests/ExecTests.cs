using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class ExecTests : IAsyncLifetime
{
    private TestNode _node = null!;
    private Guid _instance;
    private RunRecord _run = null!;

    public async Task InitializeAsync()
    {
        _node = await TestNode.StartAsync();
        var start = TestNode.Script("sleep 1000; echo over");
        _instance = start.InstanceId;
        _run = await _node.Client.RunAsync(start);
    }

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task Three_pipes_lead_to_it_and_from_it_and_its_code_is_told()
    {
        using var exec = await ExecAsync("sh", "-c", "cat; echo wrong >&2; exit 7");

        await exec.WriteAsync("hello");
        exec.Input.Dispose();

        Assert.Equal("hello", await exec.ReadToEndAsync());
        Assert.Equal("wrong\n", await exec.ReadToEndAsync(exec.Stderr));
        Assert.Equal(new ExecStatus(7, null, null), await exec.EndAsync());
    }

    [Fact]
    public async Task It_has_the_runs_folder_and_mark_and_the_environment_asked_for()
    {
        using var exec = await ExecAsync("sh", "-c", "pwd; echo $OI_INSTANCE_ID $OI_EPOCH $PATH");

        Assert.Equal($"{_node.Folder(_instance).Files}\n{_instance} 1 /usr/local/bin:/usr/bin:/bin\n", await exec.ReadToEndAsync());
        Assert.Equal(0, (await exec.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task What_killed_it_is_told()
    {
        using var exec = await ExecAsync("sh", "-c", "kill -9 $$");

        Assert.Equal(new ExecStatus(137, 9, null), await exec.EndAsync());
    }

    [Theory]
    [InlineData(127, "no-such-program")]
    [InlineData(127, "/no/such/program")]
    [InlineData(126, "/etc/passwd")]
    [InlineData(126, "/tmp")]
    public async Task What_cant_be_started_is_told_as_a_shell_does(int code, string program)
    {
        using var exec = await ExecAsync(program);

        Assert.Equal(code, exec.Reply.Exec!.ExitCode);
        Assert.Contains(program, exec.Reply.Exec.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_has_a_size_and_job_control()
    {
        using var exec = await ExecClient.OpenTerminalAsync(_node, _instance, "bash", "--norc", "-i");

        await exec.WriteAsync("stty size; tty\n");
        var first = await exec.ReadUntilAsync("/dev/pts/");
        await exec.WriteAsync("sleep 1000\n");
        await SleepIsAsync('S');
        await exec.WriteAsync("\u001a");
        await exec.ReadUntilAsync("Stopped");
        await exec.WriteAsync("fg\n");
        await SleepIsAsync('S');
        await exec.WriteAsync("\u0003");
        await SleepIsAsync(null);
        await exec.WriteAsync("echo code=$?\n");
        await exec.ReadUntilAsync("code=130");
        await exec.WriteAsync("exit 3\n");

        Assert.Contains("24 80", first, StringComparison.Ordinal);
        Assert.DoesNotContain("no job control", first, StringComparison.Ordinal);
        Assert.Equal(3, (await exec.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task When_its_connection_ends_so_does_all_that_it_started()
    {
        using var exec = await ExecAsync("sh", "-c", "sleep 1000 & setsid sleep 1000 & trap '' HUP; env -i sleep 1000 & echo go; wait");
        await exec.ReadUntilAsync("go");
        await Eventually.TrueAsync(() => OfExec().Count == 4, "all four processes");

        exec.Drop();

        await Eventually.TrueAsync(() => OfExec().Count == 0, "none of the command's processes");
        Assert.False(LiveProcess.IsGone(_run.Pid));
    }

    [Fact]
    public async Task A_command_whose_connection_ends_gets_a_moment_for_its_files()
    {
        var file = Path.Combine(_node.Folder(_instance).Files, "saved");
        using var exec = await ExecAsync("sh", "-c", "trap 'echo saved > saved; exit' HUP; echo go; while :; do sleep 0.01; done");
        await exec.ReadUntilAsync("go");

        exec.Drop();

        await Eventually.TrueAsync(() => File.Exists(file), "the file");
        await Eventually.TrueAsync(() => OfExec().Count == 0, "none of the command's processes");
    }

    [Fact]
    public async Task Its_end_is_told_at_once_and_what_it_leaves_has_a_second()
    {
        using var exec = await ExecAsync("sh", "-c", "sleep 1000 & (sleep 0.3; echo late) & exit 5");

        Assert.Equal(5, (await exec.EndAsync()).ExitCode);

        // The pipe ends only when the last of them is gone.
        Assert.Equal("late\n", await exec.ReadToEndAsync());
        Assert.Empty(OfExec());
    }

    [Fact]
    public async Task The_runs_end_is_told_after_all_commands_beside_it_are_gone()
    {
        using var exec = await ExecAsync("sh", "-c", "trap '' TERM HUP; env -i sleep 1000 & echo go; while :; do sleep 1000; done");
        await exec.ReadUntilAsync("go");

        await _node.Client.RunAsync(new StopRequest(_instance, 1, Signal: 9, TimeoutMs: 0));
        await _node.Client.EndAsync(_instance);

        Assert.Empty(OfExec());
        Assert.Equal(137, (await exec.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_pause_stops_it_too_and_nothing_is_started_meanwhile()
    {
        using var exec = await ExecAsync("sleep", "1000");
        await _node.Client.RunAsync(new PauseRequest(_instance, 1));

        Assert.Equal('T', LiveProcess.State(Assert.Single(OfExec())));
        using var refused = await ExecAsync("true");
        Assert.Equal(KeeperErrorCodes.Conflict, refused.Reply.Error!.Code);
        await _node.Client.RunAsync(new ResumeRequest(_instance, 1));
    }

    [Fact]
    public async Task There_is_none_beside_what_does_not_run()
    {
        using var unknown = await ExecClient.OpenAsync(_node, Guid.NewGuid(), ["true"]);
        using var stale = await ExecClient.OpenAsync(_node, _instance, ["true"], request => request with { Epoch = 0 });

        Assert.Equal(KeeperErrorCodes.Unknown, unknown.Reply.Error!.Code);
        Assert.Equal(KeeperErrorCodes.Stale, stale.Reply.Error!.Code);
    }

    [Fact]
    public async Task The_next_keeper_ends_them_and_adopts_the_program()
    {
        using var exec = await ExecAsync("sh", "-c", "trap '' HUP; sleep 1000 & setsid sleep 1000 & echo go; wait");
        await exec.ReadUntilAsync("go");
        await Eventually.TrueAsync(() => OfExec().Count == 3, "all three processes");

        await _node.RestartKeeperAsync();

        await Eventually.TrueAsync(() => OfExec().Count == 0, "none of the command's processes");
        Assert.Equal(_run.Pid, (await _node.Client.SendAsync(new ListRequest())).Runs!.Single().Pid);
        Assert.False(LiveProcess.IsGone(_run.Pid));
    }

    [Fact]
    public async Task The_keeper_has_nothing_left_of_those_that_are_over()
    {
        // Code is loaded when it is first needed, and stays open.
        int Descriptors() => Directory.GetFiles($"/proc/{_node.KeeperPid}/fd").Count(fd => File.ResolveLinkTarget(fd, false)?.Extension != ".dll");
        await RunManyAsync(2);
        var before = Descriptors();

        await RunManyAsync(100);

        await Eventually.TrueAsync(() => Descriptors() <= before, $"no more than {before} descriptors");

        async Task RunManyAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var exec = i % 2 == 0 ? await ExecAsync("true") : await ExecClient.OpenTerminalAsync(_node, _instance, "sleep", "1000");
                if (i % 2 == 0)
                {
                    Assert.Equal(0, (await exec.EndAsync()).ExitCode);
                }
            }

            await Eventually.TrueAsync(() => OfExec().Count == 0, "none of the commands' processes");
        }
    }

    [NeedsRootFact]
    public async Task A_terminal_belongs_to_the_user_of_the_command()
    {
        var user = new RunUser(61234, 61234, [], NoNewPrivileges: true);
        var run = TestNode.Script("exec sleep 1000") with { User = user };
        await _node.Client.RunAsync(run);
        using var exec = await ExecClient.OpenAsync(
            _node, run.InstanceId, ["sh", "-c", "id -u; stat -c %u $(tty); echo x > /dev/tty"], request => request with { User = user, Terminal = new WindowSize(80, 24) });

        Assert.Equal("61234\r\n61234\r\nx\r\n", await exec.ReadToEndAsync());
    }

    [NeedsCgroupsFact]
    public async Task It_is_within_the_runs_limits()
    {
        var run = TestNode.Script("exec sleep 1000") with { Limits = new RunLimits(0, 0, Pids: 50, Required: true) };
        var record = await _node.Client.RunAsync(run);
        using var exec = await ExecClient.OpenAsync(_node, run.InstanceId, ["cat", "/proc/self/cgroup"]);

        Assert.Contains($"/{Path.GetFileName(record.Cgroup!.Single())}\n", await exec.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private Task SleepIsAsync(char? state) => Eventually.TrueAsync(
        () => OfExec().Where(pid => Read($"/proc/{pid}/comm") == "sleep\n").Select(LiveProcess.State).FirstOrDefault() == state, $"the command's sleep to be {state}");

    private Task<ExecClient> ExecAsync(params string[] command) => ExecClient.OpenAsync(_node, _instance, command);

    /// <summary>The living processes of commands beside the run: those with the mark of one, and all in their sessions.</summary>
    private List<int> OfExec()
    {
        var all = Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
            .Where(pid => pid != 0 && !LiveProcess.IsGone(pid))
            .Select(pid => (Pid: pid, Session: Session(pid), Environment: Read($"/proc/{pid}/environ")))
            .ToList();
        var marked = all.Where(process => process.Environment.Contains($"OI_INSTANCE_ID={_instance}", StringComparison.Ordinal) && process.Environment.Contains("OI_EXEC_ID=", StringComparison.Ordinal)).ToList();
        return [.. all.Where(process => marked.Exists(other => other.Session == process.Session)).Select(process => process.Pid)];
    }

    private static string Session(int pid) => Read($"/proc/{pid}/stat") is { Length: > 0 } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3] : "";

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
