using System.Collections.Immutable;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

/// <summary>The runtime's side of the contract, with a keeper that does what a test tells it.</summary>
public sealed class NodeRuntimeTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeGrains _grains = new();
    private ScriptedKeeper _keeper = null!;
    private NodeRuntime? _runtime;

    public Task InitializeAsync()
    {
        _keeper = new ScriptedKeeper(_folder.Path);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_runtime is not null)
        {
            await _runtime.DisposeAsync();
        }

        await _keeper.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_start_is_accepted_at_once_and_reported_when_it_runs()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();

        Assert.Equal(NodeReply.Accepted, await runtime.StartAsync(TestRuntime.Order(run)));

        var report = await _grains.WaitForAsync(run, RunPhase.Running);
        Assert.Equal(TestRuntime.NodeName, report.Node);
        Assert.Equal("4711/1/boot", report.ExternalId);
        Assert.False(report.Adopted);
    }

    [Fact]
    public async Task The_program_gets_a_small_environment_with_its_own_on_top()
    {
        Environment.SetEnvironmentVariable("OI_TEST_SECRET", "of the silo");
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        var order = TestRuntime.Order(run);

        await runtime.StartAsync(order with { Spec = order.Spec with { Env = ImmutableDictionary<string, string>.Empty.Add("TERM", "dumb").Add("K", "V") } });

        await _grains.WaitForAsync(run, RunPhase.Running);
        Assert.Equal(
            new SortedDictionary<string, string>
            {
                ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                ["HOME"] = new InstanceFolder(_folder.Path, run.InstanceId).Files,
                ["LANG"] = "C.UTF-8",
                ["TERM"] = "dumb",
                ["K"] = "V",
            },
            new SortedDictionary<string, string>(_keeper.RequestsOf<StartRequest>().Single().Env.ToDictionary()));
    }

    [Fact]
    public async Task A_keeper_of_before_is_not_asked_for_commands_beside_a_program_and_why_is_told()
    {
        _keeper.Version = 2;
        _keeper.Script = request => request is ExecRequest ? new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Protocol, "Unreadable message") } : null;
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);

        var opened = await runtime.Execs.OpenAsync(new ExecOrder(Guid.NewGuid(), run, new ExecCommand(["true"], null, "me"), ImmutableDictionary<string, string>.Empty, null, null));

        Assert.Equal(RefusalKind.Unavailable, opened.Refusal!.Kind);
        Assert.Contains("speaks version 2, and this takes version 3", opened.Refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_reaches_the_keeper_after_the_start_it_follows()
    {
        var runtime = await StartAsync();
        var runs = Enumerable.Range(0, 50).Select(_ => TestRuntime.NewRun()).ToList();

        foreach (var run in runs)
        {
            await runtime.StartAsync(TestRuntime.Order(run));
            await runtime.StopAsync(run, "term", TimeSpan.FromSeconds(1.5));
        }

        await Eventually.TrueAsync(() => _keeper.RequestsOf<StopRequest>().Count() == runs.Count, "all stops");
        foreach (var run in runs)
        {
            var orders = _keeper.Requests.Where(request => request is StartRequest start && start.InstanceId == run.InstanceId
                || request is StopRequest stop && stop.InstanceId == run.InstanceId);
            Assert.Collection(
                orders,
                order => Assert.IsType<StartRequest>(order),
                order => Assert.Equal((15, 1500), (((StopRequest)order).Signal, ((StopRequest)order).TimeoutMs)));
        }
    }

    [Fact]
    public async Task An_end_is_told_until_it_is_accepted_and_acknowledged_only_then()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);
        var refusals = 0;
        _grains.OnReport = report => Interlocked.Increment(ref refusals) switch
        {
            1 => Task.FromResult(false),
            2 => throw new InvalidOperationException("The grain failed."),
            3 => Task.FromException<bool>(new TimeoutException("The grain is slow.")),
            _ => Task.FromResult(_keeper.RequestsOf<AcknowledgeRequest>().Any() ? throw new InvalidOperationException("Too early.") : true),
        };

        _keeper.End(run.InstanceId, 7);

        Assert.Equal(7, (await _grains.WaitForAsync(run, RunPhase.Exited)).ExitCode);
        await Eventually.TrueAsync(() => _keeper.RequestsOf<AcknowledgeRequest>().Any(), "the acknowledgement");
        Assert.Equal(4, refusals);
        Assert.Equal(run, new RunKey(_keeper.RequestsOf<AcknowledgeRequest>().Single().InstanceId, _keeper.RequestsOf<AcknowledgeRequest>().Single().Epoch));
    }

    [Fact]
    public async Task At_most_64_grains_are_told_at_once_and_a_stuck_one_keeps_its_order()
    {
        var runtime = await StartAsync(maxInstances: 300);
        var gate = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _grains.OnReport = _ => gate.Task;
        var runs = Enumerable.Range(0, 200).Select(_ => TestRuntime.NewRun()).ToList();

        foreach (var run in runs)
        {
            await runtime.StartAsync(TestRuntime.Order(run));
        }

        await Eventually.TrueAsync(() => _keeper.Runs.Count == runs.Count && _grains.Told.Count == 64, "64 calls under way");
        foreach (var run in runs)
        {
            _keeper.End(run.InstanceId, 0);
        }

        gate.SetResult(true);
        await Eventually.TrueAsync(() => _grains.Accepted.Count(report => report.Phase == RunPhase.Exited) == runs.Count, "all ends accepted", () => $"Told {_grains.Told.Count}, accepted {_grains.Accepted.Count}.");
        Assert.Equal(64, _grains.MostCallsAtOnce);
        foreach (var run in runs)
        {
            Assert.Equal(RunPhase.Exited, _grains.AcceptedOf(run.InstanceId).Last().Phase);
            Assert.Single(_grains.AcceptedOf(run.InstanceId), report => report.Phase == RunPhase.Exited);
        }
    }

    [Fact]
    public async Task A_start_beyond_the_room_is_closed_at_the_keeper_and_reported()
    {
        var runtime = await StartAsync(maxInstances: 2);
        var runs = Enumerable.Range(0, 3).Select(_ => TestRuntime.NewRun()).ToList();
        await runtime.StartAsync(TestRuntime.Order(runs[0]));
        await runtime.StartAsync(TestRuntime.Order(runs[1]));
        await _grains.WaitForAsync(runs[0], RunPhase.Running);
        await _grains.WaitForAsync(runs[1], RunPhase.Running);

        Assert.Equal(NodeReply.Accepted, await runtime.StartAsync(TestRuntime.Order(runs[2])));

        await _grains.WaitForAsync(runs[2], RunPhase.NoRoom);
        Assert.DoesNotContain(_keeper.RequestsOf<StartRequest>(), start => start.InstanceId == runs[2].InstanceId);
        Assert.Equal(RunRecordPhase.Exited, _keeper.Runs[runs[2].InstanceId].Phase);
        await Eventually.TrueAsync(() => _keeper.RequestsOf<AcknowledgeRequest>().Any(), "the closed start acknowledged");
        Assert.DoesNotContain(_grains.Told, report => report.Phase == RunPhase.Exited);
    }

    [Fact]
    public async Task An_end_makes_room()
    {
        var runtime = await StartAsync(maxInstances: 1);
        for (var i = 0; i < 5; i++)
        {
            var run = TestRuntime.NewRun();
            await runtime.StartAsync(TestRuntime.Order(run));
            await _grains.WaitForAsync(run, RunPhase.Running);
            _keeper.End(run.InstanceId, 0);
            await _grains.WaitForAsync(run, RunPhase.Exited);
        }
    }

    [Fact]
    public async Task A_start_that_fails_or_is_refused_leaves_its_room()
    {
        var runtime = await StartAsync(maxInstances: 1);
        _keeper.Script = request => request is StartRequest start
            ? start.Epoch == 1
                ? new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Failed, "out of descriptors") }
                : new KeeperMessage { Run = ScriptedKeeper.Record(start.InstanceId, start.Epoch, RunRecordPhase.StartFailed) with { Message = "no such program" } }
            : null;
        var (refused, failed, good) = (TestRuntime.NewRun(1), TestRuntime.NewRun(2), TestRuntime.NewRun());

        await runtime.StartAsync(TestRuntime.Order(refused));
        Assert.Equal("out of descriptors", (await _grains.WaitForAsync(refused, RunPhase.StartFailed)).Message);
        await runtime.StartAsync(TestRuntime.Order(failed));
        Assert.Equal("no such program", (await _grains.WaitForAsync(failed, RunPhase.StartFailed)).Message);
        _keeper.Script = _ => null;
        await runtime.StartAsync(TestRuntime.Order(good));

        await _grains.WaitForAsync(good, RunPhase.Running);
    }

    [Fact]
    public async Task The_same_order_twice_reports_twice_and_takes_one_place()
    {
        var runtime = await StartAsync(maxInstances: 2);
        var run = TestRuntime.NewRun();

        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);
        await runtime.StartAsync(TestRuntime.Order(run));
        await Eventually.TrueAsync(() => _grains.Accepted.Count == 2, "two reports");
        var other = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(other));

        await _grains.WaitForAsync(other, RunPhase.Running);
    }

    [Fact]
    public async Task An_epoch_that_the_node_has_passed_is_refused()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun(epoch: 5);
        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);

        var reply = await runtime.StartAsync(TestRuntime.Order(run with { Epoch = 4 }));

        Assert.Equal((RefusalKind.Conflict, "stale_epoch"), (reply.Refusal!.Kind, reply.Refusal.Code));
    }

    [Fact]
    public async Task A_start_whose_reply_was_lost_is_asked_again_after_the_reconnect()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        var asked = 0;
        _keeper.Script = request =>
        {
            if (request is StartRequest && Interlocked.Increment(ref asked) == 1)
            {
                _keeper.DropConnections();
                return ScriptedKeeper.NoReply;
            }

            return null;
        };

        await runtime.StartAsync(TestRuntime.Order(run));

        Assert.False((await _grains.WaitForAsync(run, RunPhase.Running)).Adopted);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_signal_whose_reply_was_lost_is_not_sent_again()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);
        _keeper.Script = request =>
        {
            if (request is SignalRequest)
            {
                _keeper.DropConnections();
                return ScriptedKeeper.NoReply;
            }

            return null;
        };

        Assert.Equal(NodeReply.Accepted, await runtime.SignalAsync(run, "SIGUSR1"));
        await runtime.PauseAsync(run);

        await _grains.WaitForAsync(run, RunPhase.Paused);
        Assert.Equal(10, Assert.Single(_keeper.RequestsOf<SignalRequest>()).Signal);
    }

    [Fact]
    public async Task Pause_and_resume_are_reported()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);

        await runtime.PauseAsync(run);
        await _grains.WaitForAsync(run, RunPhase.Paused);
        await runtime.ResumeAsync(run);

        await Eventually.TrueAsync(() => _grains.Accepted is [.., { Phase: RunPhase.Running }] && _grains.Accepted.Count == 3, "the resumed run reported");
    }

    [Fact]
    public async Task A_refused_pause_is_answered_by_the_phase_that_the_run_is_in()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);
        _keeper.Script = request => request is PauseRequest ? new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Failed, "no") } : null;

        await runtime.PauseAsync(run);

        await Eventually.TrueAsync(() => _grains.Accepted.Count(report => report.Phase == RunPhase.Running) == 2, "the run reported as running again");
    }

    [Fact]
    public async Task Orders_to_what_does_not_run_and_orders_that_make_no_sense_are_refused()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();

        Assert.Equal("not_running", (await runtime.PauseAsync(run)).Refusal!.Code);
        Assert.Equal("not_running", (await runtime.ResumeAsync(run)).Refusal!.Code);
        Assert.Equal("not_running", (await runtime.SignalAsync(run, "HUP")).Refusal!.Code);
        Assert.Equal("unknown_signal", (await runtime.SignalAsync(run, "NOPE")).Refusal!.Code);
        Assert.Equal("unknown_signal", (await runtime.StopAsync(run, "NOPE", TimeSpan.Zero)).Refusal!.Code);
        Assert.Equal("unknown_driver", (await runtime.StartAsync(new StartRun(run, new InstanceSpec { Driver = "docker" }))).Refusal!.Code);
        Assert.Equal("invalid_command", (await runtime.StartAsync(new StartRun(run, new InstanceSpec()))).Refusal!.Code);
        Assert.Equal("not_running", (await runtime.WriteInputAsync(run, "x"u8.ToArray(), false)).Refusal!.Code);
        Assert.Equal(2, _keeper.Requests.Count);
    }

    [Fact]
    public async Task A_stop_of_a_start_that_never_came_closes_it()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();

        Assert.Equal(NodeReply.Accepted, await runtime.StopAsync(run, "KILL", TimeSpan.Zero));

        Assert.Null((await _grains.WaitForAsync(run, RunPhase.Exited)).ExitCode);
    }

    [Fact]
    public async Task A_removed_instance_is_forgotten_and_one_that_runs_is_not_removed()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(run));
        await _grains.WaitForAsync(run, RunPhase.Running);
        Assert.Equal("running", (await runtime.RemoveAsync(run.InstanceId)).Refusal!.Code);
        _keeper.End(run.InstanceId, 0);
        await _grains.WaitForAsync(run, RunPhase.Exited);

        using var answered = new ManualResetEventSlim();
        _keeper.Script = request =>
        {
            if (request is RemoveRequest)
            {
                answered.Wait();
            }

            return null;
        };
        await runtime.RemoveAsync(run.InstanceId);
        await Eventually.TrueAsync(() => _keeper.RequestsOf<RemoveRequest>().Any(), "the removal");

        // Asked for while it is being removed.
        var inspected = runtime.InspectAsync(run).AsTask();
        answered.Set();

        Assert.Null(await inspected);
        Assert.Null(await runtime.InspectAsync(run));
    }

    [Fact]
    public async Task What_the_keeper_lists_is_reported_as_adopted_but_for_accepted_ends()
    {
        var (running, paused, exited, accepted) = (TestRuntime.NewRun(2), TestRuntime.NewRun(3), TestRuntime.NewRun(4), TestRuntime.NewRun(5));
        Add(running, RunRecordPhase.Running);
        Add(paused, RunRecordPhase.Paused);
        Add(exited, RunRecordPhase.Exited);
        Add(accepted, RunRecordPhase.Exited);
        _keeper.Runs[accepted.InstanceId] = _keeper.Runs[accepted.InstanceId] with { Acknowledged = true };

        var runtime = await StartAsync();

        Assert.True((await _grains.WaitForAsync(running, RunPhase.Running)).Adopted);
        Assert.True((await _grains.WaitForAsync(paused, RunPhase.Paused)).Adopted);
        await _grains.WaitForAsync(exited, RunPhase.Exited);
        await Eventually.TrueAsync(() => _keeper.RequestsOf<AcknowledgeRequest>().Any(), "the end acknowledged");
        Assert.Equal(3, _grains.Told.Count);
        Assert.Equal(RunPhase.Exited, (await runtime.InspectAsync(accepted))!.Phase);

        void Add(RunKey run, RunRecordPhase phase) => _keeper.Runs[run.InstanceId] = ScriptedKeeper.Record(run.InstanceId, run.Epoch, phase);
    }

    [Fact]
    public async Task Inspection_tells_the_present_the_passed_and_the_unheard_of()
    {
        var runtime = await StartAsync();
        var run = TestRuntime.NewRun(epoch: 5);
        await runtime.StartAsync(TestRuntime.Order(run));

        Assert.Equal(RunPhase.Running, (await runtime.InspectAsync(run))!.Phase);
        var passed = (await runtime.InspectAsync(run with { Epoch = 4 }))!;
        Assert.Equal((RunPhase.Exited, null), (passed.Phase, passed.ExitCode));
        Assert.Null(await runtime.InspectAsync(run with { Epoch = 6 }));
        Assert.Null(await runtime.InspectAsync(TestRuntime.NewRun()));
    }

    [Fact]
    public async Task Inspection_never_says_unheard_of_while_the_start_is_under_way()
    {
        var runtime = await StartAsync();
        _keeper.Script = request => request is StartRequest ? ScriptedKeeper.NoReply : null;
        var run = TestRuntime.NewRun();
        await runtime.StartAsync(TestRuntime.Order(run));

        await Assert.ThrowsAsync<TimeoutException>(() => runtime.InspectAsync(run).AsTask());
    }

    [Fact]
    public async Task Inspection_without_a_keeper_throws_instead_of_guessing()
    {
        var runtime = await StartAsync();
        _keeper.Script = _ => ScriptedKeeper.NoReply;

        _keeper.DropConnections();

        await Eventually.TrueAsync(
            () => runtime.InspectAsync(TestRuntime.NewRun()).AsTask().Exception?.InnerException is KeeperUnavailableException,
            "an inspection that says that the keeper can't be reached");
    }

    [Fact]
    public async Task Too_many_orders_to_one_instance_are_refused()
    {
        var runtime = await StartAsync();
        _keeper.Script = request => request is StartRequest ? ScriptedKeeper.NoReply : null;
        var run = TestRuntime.NewRun();
        for (var i = 0; i < OrderQueue.MaxOrders; i++)
        {
            Assert.Equal(NodeReply.Accepted, await runtime.StartAsync(TestRuntime.Order(run)));
        }

        var reply = await runtime.StopAsync(run, "TERM", TimeSpan.Zero);

        Assert.Equal((RefusalKind.Unavailable, "too_many_orders"), (reply.Refusal!.Kind, reply.Refusal.Code));
    }

    private async Task<NodeRuntime> StartAsync(int maxInstances = 100) =>
        _runtime = await TestRuntime.StartAsync(_folder.Path, _grains, maxInstances);
}
