using System.Diagnostics;
using System.Text;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

/// <summary>The runtime with the real keeper and real programs.</summary>
public sealed class RealKeeperTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new("-" + new string('x', 120));
    private readonly FakeGrains _grains = new();
    private NodeRuntime _runtime = null!;

    public async Task InitializeAsync() => _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await TestRuntime.StopKeeperAsync(_folder.Path);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_program_reads_what_it_is_sent_and_its_output_is_read_back()
    {
        var run = await StartAsync("/bin/cat");

        Assert.Equal(new InputReply(6, null), await _runtime.WriteInputAsync(run, "hello\n"u8.ToArray(), close: false));
        Assert.Equal(new InputReply(4, null), await _runtime.WriteInputAsync(run, "bye\n"u8.ToArray(), close: true));

        var report = await _grains.WaitForAsync(run, RunPhase.Exited);
        Assert.Equal((0, null, 10), (report.ExitCode, report.Signal, report.ConsoleEnd));
        var slice = await _runtime.ReadOutputAsync(new OutputQuery(run.InstanceId, 0, null, null, 1000));
        Assert.Equal(("hello\nbye\n", 10), (Encoding.UTF8.GetString(slice!.Data.Span), slice.Head));
        Assert.Equal(0, slice.Times[0].Offset);
        Assert.InRange(slice.Times[0].At, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
        Assert.Equal("not_running", (await _runtime.WriteInputAsync(run, "x"u8.ToArray(), close: false)).Refusal!.Code);
    }

    [Fact]
    public async Task Nothing_is_taken_after_a_close()
    {
        var run = await StartAsync("/bin/sh", "-c", "cat; exec sleep 1000");
        Assert.Null((await _runtime.WriteInputAsync(run, default, close: true)).Refusal);

        var late = await _runtime.WriteInputAsync(run, "x"u8.ToArray(), close: false);

        Assert.Equal((0, "input_closed"), (late.Taken, late.Refusal!.Code));
    }

    [Fact]
    public async Task A_program_that_never_reads_gets_what_fits_and_the_sender_knows_how_much()
    {
        var run = await StartAsync("/bin/sh", "-c", "while [ ! -e go ]; do sleep 0.02; done; cat");
        var data = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i:D9}\n")));

        var reply = await _runtime.WriteInputAsync(run, data, close: true);

        Assert.InRange(reply.Taken, 4096, data.Length - 1);
        Assert.Equal("input_full", reply.Refusal!.Code);
        File.WriteAllText(Path.Combine(new InstanceFolder(_folder.Path, run.InstanceId).Files, "go"), "");
        var taken = reply.Taken;
        await Eventually.TrueAsync(
            () =>
            {
                reply = _runtime.WriteInputAsync(run, data.AsMemory(taken), close: true).AsTask().GetAwaiter().GetResult();
                taken += reply.Taken;
                return reply.Refusal is null;
            },
            "the rest taken");

        Assert.Equal(data.Length, (await _grains.WaitForAsync(run, RunPhase.Exited)).ConsoleEnd);
        Assert.Equal(data, (await _runtime.ReadOutputAsync(new OutputQuery(run.InstanceId, 0, null, null, 1 << 20)))!.Data.ToArray());
    }

    [Fact]
    public async Task A_missing_program_is_reported_with_its_name()
    {
        var run = TestRuntime.NewRun();

        await _runtime.StartAsync(TestRuntime.Order(run, "/no/such/program"));

        Assert.Contains("/no/such/program", (await _grains.WaitForAsync(run, RunPhase.StartFailed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_ends_the_tree_and_names_the_signal()
    {
        var run = await StartAsync("/bin/sh", "-c", "sleep 1000 & wait");

        await _runtime.StopAsync(run, "SIGTERM", TimeSpan.FromSeconds(10));

        var report = await _grains.WaitForAsync(run, RunPhase.Exited);
        Assert.Equal((143, "SIGTERM"), (report.ExitCode, report.Signal));
    }

    [Fact]
    public async Task A_killed_keeper_is_started_again_and_its_runs_go_on()
    {
        var run = await StartAsync("/bin/cat");
        await _runtime.WriteInputAsync(run, "one\n"u8.ToArray(), close: false);
        await HeadAsync(run, 4);
        var pid = await TestRuntime.KeeperPidAsync(_folder.Path);

        Process.GetProcessById(pid).Kill();

        await Eventually.TrueAsync(() => _grains.AcceptedOf(run.InstanceId).Count(report => report.Phase == RunPhase.Running) == 2, "the run reported anew");
        Assert.NotEqual(pid, await TestRuntime.KeeperPidAsync(_folder.Path));
        Assert.False(_grains.Accepted[^1].Adopted);
        Assert.Equal(4, (await _runtime.WriteInputAsync(run, "two\n"u8.ToArray(), close: false)).Taken);
        await HeadAsync(run, 8);
        await _runtime.StopAsync(run, "KILL", TimeSpan.Zero);
        await _grains.WaitForAsync(run, RunPhase.Exited);
    }

    [Fact]
    public async Task The_next_runtime_on_the_folder_adopts_what_runs_and_hears_of_what_ended_meanwhile()
    {
        var (stays, ends) = (await StartAsync("/bin/cat"), await StartAsync("/bin/sh", "-c", "read x; exit 3"));
        var before = _grains.AcceptedOf(stays.InstanceId).Single().ExternalId;
        await _runtime.DisposeAsync();
        await File.AppendAllTextAsync(new InstanceFolder(_folder.Path, ends.InstanceId).Stdin(ends.Epoch), "\n");

        var grains = new FakeGrains();
        _runtime = await TestRuntime.StartAsync(_folder.Path, grains);

        var adopted = await grains.WaitForAsync(stays, RunPhase.Running);
        Assert.Equal((true, before), (adopted.Adopted, adopted.ExternalId));
        Assert.Equal(3, (await grains.WaitForAsync(ends, RunPhase.Exited)).ExitCode);
        Assert.Equal(4, (await _runtime.WriteInputAsync(stays, "two\n"u8.ToArray(), close: false)).Taken);
        await HeadAsync(stays, 4);
    }

    [Fact]
    public async Task Usage_of_a_program_that_burns_cpu_is_plausible_and_a_paused_one_is_told_too()
    {
        var run = await StartAsync("/bin/sh", "-c", "while :; do :; done");
        var usage = default(InstanceUsage);
        await Eventually.TrueAsync(
            () => (usage = _runtime.GetUsageAsync([run.InstanceId]).AsTask().GetAwaiter().GetResult().SingleOrDefault()) is { CpuPercent: > 10 },
            "a busy program");
        Assert.InRange(usage!.CpuPercent, 10, 150);
        Assert.InRange(usage.MemoryBytes, 100_000, 50_000_000);
        Assert.InRange(usage.Uptime, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.True(usage.DiskBytes > 0);

        await _runtime.PauseAsync(run);
        await _grains.WaitForAsync(run, RunPhase.Paused);

        await Eventually.TrueAsync(
            () => _runtime.GetUsageAsync([run.InstanceId]).AsTask().GetAwaiter().GetResult().SingleOrDefault() is { CpuPercent: < 1 },
            "a paused program that uses nothing");
    }

    [Fact]
    public async Task A_fence_kills_what_may_move_and_the_next_registration_begins_anew()
    {
        _runtime.Incarnation = 7;
        Assert.Null(await _runtime.LeaseAsync(7, long.MaxValue / 1_000_000));
        var (moving, waiting) = (await StartAsync(NodeLossPolicy.Move, 7), await StartAsync(NodeLossPolicy.Wait, 7));

        await _runtime.FenceAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.True((await _grains.WaitForAsync(moving, RunPhase.Exited)).Fenced);
        Assert.Equal(RunPhase.Running, (await _runtime.InspectAsync(waiting))!.Phase);
        Assert.Null(await _runtime.LeaseAsync(9, long.MaxValue / 1_000_000));
        _runtime.Incarnation = 9;
        Assert.Equal("stale_incarnation", (await _runtime.StartAsync(Order(TestRuntime.NewRun(), NodeLossPolicy.Move, 7))).Refusal!.Code);
        await StartAsync(NodeLossPolicy.Move, 9);
    }

    [Fact]
    public async Task What_an_instance_printed_elsewhere_is_a_gap_to_readers_and_costs_them_no_time()
    {
        const long From = 1L << 44;
        var first = await StartAsync("/bin/echo", "one");
        await _grains.WaitForAsync(first, RunPhase.Exited);
        var back = first with { Epoch = 3 };
        await _runtime.StartAsync(TestRuntime.Order(back, "/bin/echo", "three") with { ConsoleFrom = From });
        Assert.Equal(From + 6, (await _grains.WaitForAsync(back, RunPhase.Exited)).ConsoleEnd);

        Assert.Equal((0, "one\n"), await ReadAsync(0, null));
        Assert.Equal((From, "three\n"), await ReadAsync(4, null));
        Assert.Equal((From, "three\n"), await ReadAsync(From / 2, null));
        Assert.Equal((From, "three\n"), await ReadAsync(null, 1));
        Assert.Equal((0, "one\n"), await ReadAsync(null, 2));

        async Task<(long, string)> ReadAsync(long? from, int? tail)
        {
            var slice = await _runtime.ReadOutputAsync(new OutputQuery(first.InstanceId, from, tail, null, 1000)).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            return (slice!.Offset, Encoding.UTF8.GetString(slice.Data.Span));
        }
    }

    [Fact]
    public async Task A_removed_instance_leaves_nothing_on_the_disk()
    {
        var run = await StartAsync("/bin/true");
        await _grains.WaitForAsync(run, RunPhase.Exited);

        await _runtime.RemoveAsync(run.InstanceId);

        await Eventually.TrueAsync(() => !Directory.Exists(new InstanceFolder(_folder.Path, run.InstanceId).Path), "the folder gone");
        Assert.Null(await _runtime.ReadOutputAsync(new OutputQuery(run.InstanceId, 0, null, null, 1)));
    }

    private async Task<RunKey> StartAsync(params string[] command)
    {
        var run = TestRuntime.NewRun();
        Assert.Equal(NodeReply.Accepted, await _runtime.StartAsync(TestRuntime.Order(run, command)));
        await Eventually.TrueAsync(() => _grains.AcceptedOf(run.InstanceId).Any(), $"the start of {string.Join(' ', command)} reported");
        return run;
    }

    private async Task<RunKey> StartAsync(NodeLossPolicy policy, long incarnation)
    {
        var run = TestRuntime.NewRun();
        Assert.Equal(NodeReply.Accepted, await _runtime.StartAsync(Order(run, policy, incarnation)));
        await _grains.WaitForAsync(run, RunPhase.Running);
        return run;
    }

    private static StartRun Order(RunKey run, NodeLossPolicy policy, long incarnation)
    {
        var order = TestRuntime.Order(run);
        return order with { Incarnation = incarnation, Spec = order.Spec with { OnNodeLoss = policy } };
    }

    private async Task HeadAsync(RunKey run, long head) => await Eventually.TrueAsync(
        () => _runtime.ReadOutputAsync(new OutputQuery(run.InstanceId, 0, null, null, 0)).AsTask().GetAwaiter().GetResult()?.Head == head,
        $"a console of {head} bytes");
}
