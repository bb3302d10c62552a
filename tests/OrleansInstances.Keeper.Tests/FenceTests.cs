using System.Diagnostics;
using System.Globalization;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

/// <summary>What may move is dead when the node's lease has run out.</summary>
public sealed class FenceTests : IAsyncLifetime
{
    private const string Incarnation = "first";

    // Leaves its session and ignores what can be ignored; the tree of each has two processes.
    private const string Stubborn = "trap '' TERM INT HUP; setsid sh -c \"trap '' TERM; echo child=\\$\\$; while :; do sleep 1; done\" & wait; while :; do sleep 1; done";

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task At_the_deadline_everything_that_may_move_is_killed_and_nothing_else()
    {
        var moving = await StartAsync(5, move: true);
        var waiting = await StartAsync(3, move: false);
        var paused = moving[0];
        await _node.Client.RunAsync(new PauseRequest(paused.InstanceId, 1));
        await ExtendAsync(TimeSpan.FromSeconds(1));
        var clock = Stopwatch.StartNew();

        foreach (var run in moving)
        {
            var end = await _node.Client.EndAsync(run.InstanceId);
            Assert.Equal((true, false, 137), (end.Fenced, end.StopRequested, end.ExitCode));
            Assert.Contains("lease", end.Message, StringComparison.Ordinal);
            Assert.All(run.Pids, pid => Assert.True(LiveProcess.IsGone(pid)));
        }

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1) + Margin);
        Assert.All(waiting.SelectMany(run => run.Pids), pid => Assert.False(LiveProcess.IsGone(pid)));
    }

    [Fact]
    public async Task A_lease_that_is_renewed_keeps_everything_alive_and_never_moves_back()
    {
        var run = (await StartAsync(1, move: true))[0];
        await ExtendAsync(TimeSpan.FromSeconds(0.5));
        await ExtendAsync(TimeSpan.FromMinutes(10));

        var shorter = await _node.Client.SendAsync(new LeaseRequest(Incarnation, BootTimeMs + 100));

        Assert.Equal(KeeperErrorCodes.Stale, shorter.Error?.Code);
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.All(run.Pids, pid => Assert.False(LiveProcess.IsGone(pid)));
        await _node.Client.SendAsync(new LeaseRequest("second", BootTimeMs + 100));
        Assert.True((await _node.Client.EndAsync(run.InstanceId)).Fenced);
    }

    [Fact]
    public async Task Without_a_valid_lease_nothing_that_may_move_is_started_until_there_is_one()
    {
        var before = TestNode.Script("exec sleep 1000") with { Move = true };
        await _node.Client.RunAsync(before);
        await ExtendAsync(TimeSpan.FromMilliseconds(1));
        await _node.Client.EndAsync(before.InstanceId);
        var moving = TestNode.Script("exec sleep 1000") with { Move = true };

        Assert.Equal(KeeperErrorCodes.Fenced, (await _node.Client.SendAsync(moving)).Error?.Code);
        await _node.Client.RunAsync(TestNode.Script("exec sleep 1000"));
        await ExtendAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(RunRecordPhase.Running, (await _node.Client.RunAsync(moving)).Phase);
    }

    [Fact]
    public async Task A_start_that_was_meant_for_an_earlier_registration_is_refused_if_it_may_move()
    {
        var (late, staying) = (TestNode.Script("exec sleep 1000") with { Incarnation = Incarnation }, TestNode.Script("exec sleep 1000") with { Incarnation = Incarnation });
        Assert.Null((await _node.Client.SendAsync(new LeaseRequest("second", BootTimeMs + 600_000))).Error);

        Assert.Equal(KeeperErrorCodes.Fenced, (await _node.Client.SendAsync(late with { Move = true })).Error?.Code);

        Assert.Null((await _node.Client.SendAsync(staying)).Error);
        Assert.Null((await _node.Client.SendAsync(late with { Move = true, Incarnation = "second" })).Error);
    }

    [Fact]
    public async Task A_keeper_that_starts_behind_the_deadline_kills_before_it_serves()
    {
        var moving = await StartAsync(2, move: true);
        var waiting = await StartAsync(1, move: false);
        await ExtendAsync(TimeSpan.FromMinutes(10));
        await _node.Client.SendAsync(new LeaseRequest("second", BootTimeMs + 1000));
        await _node.KillKeeperAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.1));
        Assert.All(moving.SelectMany(run => run.Pids), pid => Assert.False(LiveProcess.IsGone(pid)));

        await _node.StartKeeperAsync();

        Assert.All(moving, run => Assert.True(LiveProcess.IsGone(run.Pids[0])));
        await Eventually.TrueAsync(() => moving.SelectMany(run => run.Pids).All(LiveProcess.IsGone), "all of their trees to be gone");
        Assert.All(waiting.SelectMany(run => run.Pids), pid => Assert.False(LiveProcess.IsGone(pid)));
    }

    [Theory]
    [InlineData("""{"incarnation":"x","until_ms":0,"boot_id":"another boot"}""", false)]
    [InlineData("{", true)]
    public async Task A_lease_of_another_boot_is_over_and_one_that_cannot_be_read_counts_as_run_out(string lease, bool isFenced)
    {
        var run = (await StartAsync(1, move: true))[0];
        await _node.KillKeeperAsync();
        await File.WriteAllTextAsync(InstanceFolder.LeaseFile(_node.DataFolder), lease);

        await _node.StartKeeperAsync();

        if (isFenced)
        {
            await Eventually.TrueAsync(() => run.Pids.All(LiveProcess.IsGone), "it to be killed");
        }
        else
        {
            Assert.Null((await _node.Client.SendAsync(TestNode.Script("exec sleep 1000") with { Move = true })).Error);
            Assert.All(run.Pids, pid => Assert.False(LiveProcess.IsGone(pid)));
        }
    }

    /// <summary>CLOCK_BOOTTIME as the kernel shows it.</summary>
    private static long BootTimeMs =>
        (long)(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture) * 1000);

    private async Task ExtendAsync(TimeSpan time) =>
        Assert.Null((await _node.Client.SendAsync(new LeaseRequest(Incarnation, BootTimeMs + (long)time.TotalMilliseconds))).Error);

    private async Task<List<(Guid InstanceId, int[] Pids)>> StartAsync(int count, bool move)
    {
        var started = new List<(Guid, int[])>();
        for (var i = 0; i < count; i++)
        {
            var start = TestNode.Script(Stubborn) with { Move = move };
            var run = await _node.Client.RunAsync(start);
            started.Add((start.InstanceId, [run.Pid, await _node.NumberAsync(start.InstanceId, "child")]));
        }

        return started;
    }
}
