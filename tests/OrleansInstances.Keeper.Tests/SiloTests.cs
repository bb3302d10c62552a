using System.Diagnostics;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

/// <summary>A keeper that runs the silo, as the first process of a container does. The silo is played by shell scripts.</summary>
public sealed class SiloTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("oi-keeper-").FullName;

    private string Data => Path.Combine(_root, "data");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // What a test that failed has left.
        await TestNode.RunAsync("--data", Data, "--stop-all", "--timeout-seconds", "0");
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task The_silo_gets_the_keepers_environment_and_output_and_the_keeper_ends_with_it_when_there_is_nothing_to_keep()
    {
        var (exitCode, output, errors) = await TestNode.RunAsync("--data", Data, "--", "/bin/sh", "-c", "echo \"data in $OI_DATA\"; echo $PATH >&2; exit 7");

        Assert.Equal((7, $"data in {Data}\n", Environment.GetEnvironmentVariable("PATH") + "\n"), (exitCode, output, errors));
        Assert.False(File.Exists(InstanceFolder.KeeperSocket(Data)));
    }

    [Fact]
    public async Task A_silo_that_cannot_be_executed_is_named_in_the_log()
    {
        Assert.Equal(127, (await TestNode.RunAsync("--data", Data, "--", "/no/such/silo")).ExitCode);

        Assert.Contains("/no/such/silo", await File.ReadAllTextAsync(InstanceFolder.KeeperLog(Data)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silo_that_dies_is_started_again_while_instances_run_and_they_go_on()
    {
        using var keeper = Start("/bin/sh", "-c", "echo $$ >> pids; exec sleep 1000");
        await using var client = await ConnectAsync();
        var run = await client.RunAsync(TestNode.Script("sleep 1000"));
        var first = (await PidsAsync(1))[0];

        using (var silo = Process.GetProcessById(first))
        {
            silo.Kill();
        }

        var second = (await PidsAsync(2))[1];
        Assert.NotEqual(first, second);
        Assert.False(LiveProcess.IsGone(run.Pid));
        Assert.Equal(143, await EndAsync(keeper, "TERM"));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_stops_the_silo_first_and_then_the_instances(string signal)
    {
        using var keeper = Start("/bin/sh", "-c", "trap 'echo silo >> ends; exit 5' TERM; echo $$ >> pids; while :; do sleep 0.02; done");
        await using var client = await ConnectAsync();
        await PidsAsync(1);
        var run = await client.RunAsync(TestNode.Script($"trap 'echo instance >> {_root}/ends; exit 6' TERM; echo ready; while :; do sleep 0.02; done"));
        await Eventually.TrueAsync(() => File.Exists(Log(run)) && File.ReadAllText(Log(run)).Contains("ready", StringComparison.Ordinal), "the instance's trap");

        Assert.Equal(5, await EndAsync(keeper, signal));

        Assert.Equal(["silo", "instance"], await File.ReadAllLinesAsync(Path.Combine(_root, "ends")));
        Assert.True(LiveProcess.IsGone(run.Pid));
        Assert.Contains("\"exit_code\":6", await File.ReadAllTextAsync(new InstanceFolder(Data, run.InstanceId).RunFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_to_stop_everything_it_stops_the_silo_too()
    {
        using var keeper = Start("/bin/sh", "-c", "echo $$ >> pids; exec sleep 1000");
        var silo = (await PidsAsync(1))[0];

        var (exitCode, _, _) = await TestNode.RunAsync("--data", Data, "--stop-all");

        Assert.Equal(0, exitCode);
        await keeper.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        Assert.True(LiveProcess.IsGone(silo));
    }

    [NeedsPidNamespacesFact]
    public async Task As_the_first_process_it_reaps_what_has_lost_its_parent_and_ends_what_it_runs()
    {
        // The script ends when all orphans are reaped and it has then been told to by its parent, process 1, which it signals.
        const string Orphans = "for i in 1 2 3; do (sh -c 'echo $$ >> orphans' & exec sh -c :); done; while [ $(wc -l < orphans) != 3 ]; do sleep 0.02; done";
        const string Reaped = "for pid in $(cat orphans); do while [ -e /proc/$pid ]; do sleep 0.02; done; done";
        string[] silo = ["/bin/sh", "-c", $"trap 'echo silo >> ends; exit 9' TERM; {Orphans}; {Reaped}; echo $$ >> pids; while [ ! -e end ]; do sleep 0.02; done; kill -TERM 1; while :; do sleep 0.02; done"];
        string[] keeper = ["--pid", "--fork", "--mount-proc", "--kill-child", TestNode.Program, "--data", Data, "--", .. silo];
        using var unshared = Process.Start(new ProcessStartInfo("unshare", keeper) { WorkingDirectory = _root })!;
        await PidsAsync(1);
        await using var client = await ConnectAsync();
        var ended = TestNode.Script("(exec sleep 0.1 &); exit 3");
        await client.RunAsync(ended);
        Assert.Equal(3, (await client.EndAsync(ended.InstanceId)).ExitCode);
        var run = await client.RunAsync(TestNode.Script($"trap 'echo instance >> {_root}/ends; exit 6' TERM; echo ready; while :; do sleep 0.02; done"));
        await Eventually.TrueAsync(() => File.Exists(Log(run)) && File.ReadAllText(Log(run)).Contains("ready", StringComparison.Ordinal), "the instance's trap");

        await File.WriteAllTextAsync(Path.Combine(_root, "end"), "");
        await unshared.WaitForExitAsync().WaitAsync(Eventually.Deadline);

        Assert.Equal(9, unshared.ExitCode);
        Assert.Equal(["silo", "instance"], await File.ReadAllLinesAsync(Path.Combine(_root, "ends")));
        Assert.Contains("\"exit_code\":6", await File.ReadAllTextAsync(new InstanceFolder(Data, run.InstanceId).RunFile), StringComparison.Ordinal);
    }

    private Process Start(params string[] silo) =>
        Process.Start(new ProcessStartInfo(TestNode.Program, ["--data", Data, "--", .. silo]) { WorkingDirectory = _root })!;

    private string Log(RunRecord run) => Path.Combine(new InstanceFolder(Data, run.InstanceId).Console, "0000000000000000.log");

    private async Task<KeeperClient> ConnectAsync()
    {
        await Eventually.TrueAsync(() => TestNode.KeeperListens(Data), "a keeper that accepts connections");
        return await KeeperClient.ConnectAsync(Data);
    }

    private async Task<int[]> PidsAsync(int count)
    {
        var file = Path.Combine(_root, "pids");
        await Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllText(file).Count(c => c == '\n') == count, $"start {count} of the silo");
        return [.. (await File.ReadAllLinesAsync(file)).Select(int.Parse)];
    }

    private static async Task<int> EndAsync(Process keeper, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{keeper.Id}"]);
        await kill.WaitForExitAsync();
        await keeper.WaitForExitAsync().WaitAsync(Eventually.Deadline);
        return keeper.ExitCode;
    }
}
