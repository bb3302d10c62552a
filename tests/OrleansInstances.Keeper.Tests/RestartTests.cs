using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class RestartTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_run_is_adopted_after_a_kill_of_the_keeper_and_no_byte_of_its_output_is_lost()
    {
        const int Count = 3_000;
        var start = TestNode.Script($"i=0; while [ $i -lt {Count} ]; do echo line $i; i=$((i+1)); done; echo written; read line; exit 8");
        var run = await _node.Client.RunAsync(start);
        await using var stdin = _node.HoldInput(start.InstanceId);
        await _node.ConsoleContainsAsync(start.InstanceId, "line 10\n");

        await _node.RestartKeeperAsync();
        var list = await _node.Client.SendAsync(new ListRequest());
        await _node.ConsoleContainsAsync(start.InstanceId, "written");

        var adopted = Assert.Single(list.Runs!);
        Assert.Equal((run.Pid, run.StartTicks, RunRecordPhase.Running), (adopted.Pid, adopted.StartTicks, adopted.Phase));
        var expected = string.Concat(Enumerable.Range(0, Count).Select(i => $"line {i}\n"));
        Assert.Equal(expected + "written\n", _node.ConsoleText(start.InstanceId));

        await _node.WriteInputAsync(start.InstanceId, "\n");
        var end = await _node.Client.EndAsync(start.InstanceId);
        AssertCodeOrReason(end, 8);
    }

    [Fact]
    public async Task A_program_that_prints_without_a_keeper_is_held_back_and_nothing_is_lost()
    {
        // More than any pipe holds.
        const int Count = 500_000;
        var start = TestNode.Script($"read line; exec seq {Count}");
        var run = await _node.Client.RunAsync(start);
        await using var stdin = _node.HoldInput(start.InstanceId);

        await _node.KillKeeperAsync();
        await _node.WriteInputAsync(start.InstanceId, "\n");
        await Eventually.TrueAsync(() => Written(run.Pid) >= 64 * 1024, "a full pipe");
        Assert.False(LiveProcess.IsGone(run.Pid));
        Assert.Equal("", _node.ConsoleText(start.InstanceId));

        await _node.StartKeeperAsync();
        AssertCodeOrReason(await EndedAsync(start.InstanceId), 0);
        Assert.Equal(string.Concat(Enumerable.Range(1, Count).Select(i => $"{i}\n")), _node.ConsoleText(start.InstanceId));
    }

    [Fact]
    public async Task An_adopted_run_is_stopped_with_all_its_tree()
    {
        var start = TestNode.Script("setsid sleep 1000 & echo child=$!; wait");
        await _node.Client.RunAsync(start);
        var child = await _node.NumberAsync(start.InstanceId, "child");

        await _node.RestartKeeperAsync();
        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 30_000));
        var end = await _node.Client.EndAsync(start.InstanceId);

        Assert.True(LiveProcess.IsGone(child));
        Assert.True(end.StopRequested);
        AssertCodeOrReason(end, 143);
    }

    [Fact]
    public async Task What_ended_without_a_keeper_is_recorded_and_what_it_left_is_killed()
    {
        var start = TestNode.Script("setsid sleep 1000 & echo child=$!; read line; exit 8");
        var run = await _node.Client.RunAsync(start);
        await using var stdin = _node.HoldInput(start.InstanceId);
        var child = await _node.NumberAsync(start.InstanceId, "child");

        await _node.KillKeeperAsync();
        using (var program = System.Diagnostics.Process.GetProcessById(run.Pid))
        {
            program.Kill();
        }

        await Eventually.TrueAsync(() => LiveProcess.IsGone(run.Pid), "the end of the program");
        await _node.StartKeeperAsync();
        var ended = await EndedAsync(start.InstanceId);

        Assert.Equal(RunRecordPhase.Exited, ended.Phase);
        Assert.True(LiveProcess.IsGone(child));
        AssertCodeOrReason(ended, 137);
    }

    [Fact]
    public async Task A_stop_that_was_under_way_goes_on()
    {
        var start = TestNode.Script("trap '' TERM; echo ready; while :; do sleep 0.05; done");
        await _node.Client.RunAsync(start);
        await _node.ConsoleContainsAsync(start.InstanceId, "ready");
        await _node.Client.RunAsync(new StopRequest(start.InstanceId, 1, Signal: 15, TimeoutMs: 2_000));

        await _node.RestartKeeperAsync();
        var ended = await EndedAsync(start.InstanceId);

        Assert.True(ended.StopRequested);
        AssertCodeOrReason(ended, 137);
    }

    [Fact]
    public async Task A_start_that_was_cut_short_before_its_program_ran_is_a_failed_one()
    {
        var start = TestNode.Script("exit 0");
        await _node.Client.RunAsync(start);
        await _node.Client.EndAsync(start.InstanceId);
        await _node.KillKeeperAsync();
        RewriteAsStarting(start.InstanceId);

        await _node.StartKeeperAsync();
        var again = await _node.Client.RunAsync(start);

        Assert.Equal(RunRecordPhase.StartFailed, again.Phase);
        Assert.Contains("nothing runs", again.Message);
    }

    [Fact]
    public async Task A_start_that_was_cut_short_after_its_program_ran_is_adopted()
    {
        var start = TestNode.Script("sleep 1000 & wait");
        var run = await _node.Client.RunAsync(start);
        await _node.KillKeeperAsync();
        RewriteAsStarting(start.InstanceId);

        await _node.StartKeeperAsync();
        var again = await _node.Client.RunAsync(start);

        Assert.Equal((run.Pid, run.StartTicks, RunRecordPhase.Running), (again.Pid, again.StartTicks, again.Phase));
    }

    [Fact]
    public async Task A_run_of_an_earlier_boot_is_over_and_the_process_that_has_its_number_is_spared()
    {
        var victim = TestNode.Script("read line");
        var run = await _node.Client.RunAsync(victim);
        await using var stdin = _node.HoldInput(victim.InstanceId);
        await _node.KillKeeperAsync();
        var other = Guid.NewGuid();
        var record = await File.ReadAllTextAsync(_node.Folder(victim.InstanceId).RunFile);
        Directory.CreateDirectory(_node.Folder(other).Path);
        await File.WriteAllTextAsync(
            _node.Folder(other).RunFile,
            record.Replace(victim.InstanceId.ToString("D"), other.ToString("D"), StringComparison.Ordinal).Replace(run.BootId!, Guid.NewGuid().ToString("D"), StringComparison.Ordinal));

        await _node.StartKeeperAsync();
        var list = await _node.Client.SendAsync(new ListRequest());

        var closed = list.Runs!.Single(candidate => candidate.InstanceId == other);
        Assert.Equal((RunRecordPhase.Exited, (int?)null), (closed.Phase, closed.ExitCode));
        Assert.Contains("restarted", closed.Message);
        Assert.False(LiveProcess.IsGone(run.Pid));
    }

    [Fact]
    public async Task An_unreadable_record_keeps_its_instance_from_starting_and_no_other()
    {
        var damaged = TestNode.Script("true");
        await _node.KillKeeperAsync();
        Directory.CreateDirectory(_node.Folder(damaged.InstanceId).Path);
        await File.WriteAllTextAsync(_node.Folder(damaged.InstanceId).RunFile, "{");

        await _node.StartKeeperAsync();
        var refused = await _node.Client.SendAsync(damaged);
        var other = await _node.Client.RunAsync(TestNode.Script("true"));

        Assert.Equal(KeeperErrorCodes.Failed, refused.Error?.Code);
        Assert.Contains("run.json", refused.Error!.Message);
        Assert.Equal(RunRecordPhase.Running, other.Phase);
    }

    // Kernels before 6.15 tell the exit code only to the parent.
    private static void AssertCodeOrReason(RunRecord end, int exitCode)
    {
        if (end.ExitCode is { } code)
        {
            Assert.Equal(exitCode, code);
        }
        else
        {
            Assert.False(string.IsNullOrEmpty(end.Message));
        }
    }

    /// <summary>Bytes that a process has written, from proc(5) io.</summary>
    private static long Written(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/io").Single(line => line.StartsWith("wchar: ", StringComparison.Ordinal))["wchar: ".Length..], System.Globalization.CultureInfo.InvariantCulture);

    private void RewriteAsStarting(Guid instanceId)
    {
        var file = _node.Folder(instanceId).RunFile;
        var record = System.Text.Json.JsonSerializer.Deserialize(File.ReadAllBytes(file), KeeperJson.Default.RunRecord)!;
        var starting = record with { Phase = RunRecordPhase.Starting, Pid = 0, StartTicks = 0, ExitCode = null, EndedAt = null };
        File.WriteAllBytes(file, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(starting, KeeperJson.Default.RunRecord));
    }

    private async Task<RunRecord> EndedAsync(Guid instanceId)
    {
        RunRecord? found = null;
        await Eventually.TrueAsync(
            () =>
            {
                found = _node.Client.SendAsync(new ListRequest()).GetAwaiter().GetResult().Runs!.Single(run => run.InstanceId == instanceId);
                return found.Phase == RunRecordPhase.Exited;
            },
            $"the recorded end of {instanceId}");
        return found!;
    }
}
