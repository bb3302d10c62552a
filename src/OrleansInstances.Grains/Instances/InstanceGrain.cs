using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Launches;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Instances;

/// <summary>
/// The shell around <see cref="InstanceLifecycle"/>. Always in this order: compute the transition, store it, give the
/// order that the stored state calls for. Every outcome comes back as an input.
/// </summary>
[GrainType("instance")]
public sealed partial class InstanceGrain(
    [PersistentState("instance", InstanceGrain.StorageName)] IPersistentState<InstanceState> stored,
    IInstanceNumbers numbers,
    IInstanceCatalogWriter catalog,
    INodeDirectory nodes,
    TimeProvider time,
    ILogger<InstanceGrain> logger) : Grain, IInstanceGrain
{
    /// <summary>The name of the storage provider for instances.</summary>
    public const string StorageName = "instances";

    private static readonly TimeSpan OrderRetry = TimeSpan.FromSeconds(2);

    /// <summary>Below the response timeout of a grain call.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    private readonly ShownInstance _shown = new(time);
    private NodeCalls? _calls;
    private IGrainTimer? _wakeUp;

    private Dependencies? _dependencies;
    private DependencyWatch? _dependencyWatch;
    private IGrainTimer? _dependencyChanged;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _shown.Show(stored.State.Snapshot);
        if (InstanceOrder.Of(stored.State) is not null)
        {
            WakeUpAfter(TimeSpan.Zero);
        }
        else
        {
            WakeUpWhenDue();
        }

        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _shown.End();
        return Task.CompletedTask;
    }

    public async Task<InstanceReply> CreateAsync(InstanceSpec spec, string owner, bool start)
    {
        if (InstanceSpecRules.Check(spec) is { } refusal)
        {
            return refusal;
        }

        if (_shown.Snapshot is { } existing)
        {
            return Reply(existing);
        }

        if (await CheckDependenciesAsync(spec.DependsOn) is { } circle)
        {
            return circle;
        }

        var id = this.GetPrimaryKey();
        var number = await numbers.AllocateAsync(id);
        return await RequestAsync(new InstanceInput.Create(id, number, spec, owner, start));
    }

    public Task<InstanceReply> GetAsync() => Task.FromResult(Reply(_shown.Snapshot));

    public Task<InstanceReply> GetRetainedAsync() => Task.FromResult<InstanceReply>(_shown.Snapshot is { } shown ? shown : Refusal.NotFound);

    public async Task<InstanceReply> WaitAsync(long version, TimeSpan atMost)
    {
        await _shown.WaitAsync(version, atMost < LongestWait ? atMost : LongestWait);
        return Reply(_shown.Snapshot);
    }

    public Task<InstanceReply> StartAsync() => RequestAsync(new InstanceInput.Start());

    public Task<InstanceReply> StopAsync() => RequestAsync(new InstanceInput.Stop());

    public Task<InstanceReply> KillAsync() => RequestAsync(new InstanceInput.Kill());

    public Task<InstanceReply> PauseAsync() => RequestAsync(new InstanceInput.Pause());

    public Task<InstanceReply> ResumeAsync() => RequestAsync(new InstanceInput.Resume());

    public Task<InstanceReply> RestartAsync() => RequestAsync(new InstanceInput.Restart());

    public Task<InstanceReply> DeleteAsync() => RequestAsync(new InstanceInput.Delete());

    public Task<InstanceReply> MoveAsync() => RequestAsync(new InstanceInput.Move());

    public Task<InstanceReply> NoteAsync(InstanceNote note) => RequestAsync(new InstanceInput.Noted(note));

    public async Task<InstanceReply> UpdateAsync(InstancePatch patch)
    {
        if (_shown.Snapshot is { } shown && InstanceSpecRules.Check(patch.ApplyTo(shown).Spec) is { } refusal)
        {
            return refusal;
        }

        if (patch.DependsOn is { } dependencies && await CheckDependenciesAsync(dependencies) is { } circle)
        {
            return circle;
        }

        return await RequestAsync(new InstanceInput.Update(patch));
    }

    public async Task<InstanceReply> SignalAsync(string signal)
    {
        switch (_shown.Snapshot)
        {
            case { Node: { } node, Status: InstanceStatus.Running or InstanceStatus.Pausing or InstanceStatus.Paused or InstanceStatus.Stopping } instance:
                var reply = await CallsOf().SignalAsync(node, new RunKey(instance.Id, instance.Epoch), signal);
                return reply.Refusal is { } refused ? refused : instance;
            case { Status: InstanceStatus.Lost } lost:
                return NodeLoss.Unreachable(lost);
            case var other:
                return Reply(other).Refusal ?? new Refusal(RefusalKind.Conflict, "not_running", "The instance is not running.");
        }
    }

    public async Task<ExecTicket> BeginExecAsync(ExecCommand command)
    {
        var id = Guid.NewGuid();
        if (await ApplyAsync(new InstanceInput.ExecBegun(id, command)) is { } refusal)
        {
            return new ExecTicket(null, null, refusal);
        }

        var instance = stored.State.Snapshot!;
        var spec = stored.State.Begun ?? instance.Spec;
        var order = new ExecOrder(id, new RunKey(instance.Id, instance.Epoch), command, spec.Env, spec.Cwd, spec.User);
        return new ExecTicket(instance.Node, order, null);
    }

    public Task EndExecAsync(Guid execId, ExecEnd end) => ApplyAsync(new InstanceInput.ExecEnded(execId, end));

    public async Task<bool> ReportAsync(RunReport report)
    {
        await CatchUpAsync(report);
        var instance = stored.State.Snapshot;
        var abandoned = instance is null or { Status: InstanceStatus.Deleted };
        if (abandoned || report.Run.Epoch < instance!.Epoch || (IsOver(instance) && report.Run.Epoch == instance.Epoch && IsAlive(report)))
        {
            return await ReleaseAsync(report, abandoned);
        }

        await ApplyAsync(new InstanceInput.Reported(report));
        return true;
    }

    public async Task WakeAsync()
    {
        if (stored.State.Snapshot is null)
        {
            return;
        }

        var order = InstanceOrder.Of(stored.State);
        await ApplyAsync(new InstanceInput.Due());

        // A timer may ring a little before its time.
        WakeUpWhenDue();
        await PublishAsync();

        // Only now: a node that is lost would be waited for.
        await InspectAsync();
        var now = InstanceOrder.Of(stored.State);
        if (now is not null && now == order)
        {
            await OrderAsync();
        }
    }

    /// <summary>Asks the node of a run how that is, which it may have told nobody.</summary>
    private async Task InspectAsync()
    {
        if (stored.State.Snapshot is not { Status: InstanceStatus.Running or InstanceStatus.Paused, Node: { } node } instance)
        {
            return;
        }

        var run = new RunKey(instance.Id, instance.Epoch);
        RunReport? report;
        try
        {
            report = await CallsOf().InspectAsync(node, run);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotInspected(error, instance.Id, node);
            WakeUpAfter(OrderRetry);
            return;
        }

        await ApplyAsync(new InstanceInput.Reported(report ?? new RunReport
        {
            Run = run,
            Phase = RunPhase.Exited,
            Node = node,
            At = time.GetUtcNow(),
            Message = "Its node has no record of it; its exit code is unknown.",
        }));
    }

    private async Task<InstanceReply> RequestAsync(InstanceInput request) =>
        await ApplyAsync(request) is { } refusal ? refusal : Reply(_shown.Snapshot);

    private async Task<Refusal?> ApplyAsync(InstanceInput input)
    {
        var before = stored.State;
        var unmet = await FindUnmetAsync(before, input);
        var context = new LifecycleContext(time.GetUtcNow(), Random.Shared.NextDouble(), nodes.Nodes, unmet?.Reason);
        var transition = InstanceLifecycle.Apply(before, input, context);
        if (transition.Refusal is not null)
        {
            return transition.Refusal;
        }

        if (!ReferenceEquals(transition.State, before))
        {
            await StoreAsync(transition.State);
            if (InstanceOrder.Of(transition.State) != InstanceOrder.Of(before))
            {
                await OrderAsync();
            }
        }

        if (unmet is not null && transition.State.Snapshot is { Status: InstanceStatus.Pending })
        {
            WatchDependency(unmet);
        }

        return null;
    }

    private async Task<Refusal?> CheckDependenciesAsync(ImmutableArray<InstanceDependency> dependencies) =>
        !dependencies.IsDefaultOrEmpty && await DependenciesOf().LeadBackToAsync(this.GetPrimaryKey(), dependencies)
            ? new Refusal(RefusalKind.Invalid, "circular_dependency", "depends_on must not lead back to the instance itself.")
            : null;

    /// <summary>What keeps it from a start that <paramref name="input"/> may lead to.</summary>
    private async Task<UnmetDependency?> FindUnmetAsync(InstanceState state, InstanceInput input)
    {
        var spec = input is InstanceInput.Create create ? create.Spec : state.Snapshot?.Spec;
        var mayBegin = input is InstanceInput.Create or InstanceInput.Start or InstanceInput.Restart or InstanceInput.Due or InstanceInput.OrderRefused or InstanceInput.Reported { Report.Fenced: true }
            || state.Goal is InstanceGoal.Restart or InstanceGoal.Move;
        return mayBegin && spec is { DependsOn.IsDefaultOrEmpty: false } ? await DependenciesOf().FindUnmetAsync(spec.DependsOn) : null;
    }

    private void WatchDependency(UnmetDependency unmet)
    {
        _dependencyWatch ??= new(GrainFactory, WakeByDependency, (error, dependency) => LogDependencyNotWatched(error, this.GetPrimaryKey(), dependency));
        _dependencyWatch.Watch(unmet, LongestWait);
    }

    private void WakeByDependency()
    {
        if (!_shown.HasEnded)
        {
            _dependencyChanged?.Dispose();
            _dependencyChanged = this.RegisterGrainTimer(WakeAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        }
    }

    private Dependencies DependenciesOf() => _dependencies ??= new(GrainFactory, time);

    private async Task StoreAsync(InstanceState next)
    {
        var instance = next.Snapshot!;
        if (instance.Epoch != (stored.State.Snapshot?.Epoch ?? 0))
        {
            // Before it is stored: whoever chooses meanwhile is to know of it.
            nodes.Placed(instance);
        }

        try
        {
            stored.State = next;
            await stored.WriteStateAsync();
        }
        catch
        {
            // Whether it was stored is unknown: the next activation reads what is. It comes when nobody waits here.
            _shown.End();
            DeactivateOnIdle();
            throw;
        }

        LogStored(instance.Id, instance.Status, instance.Epoch, instance.Version);
        WakeUpWhenDue();
        try
        {
            // Whoever is told of it finds it in lists and events.
            await PublishAsync();
        }
        finally
        {
            _shown.Show(instance);
        }

        if (instance is { Status: InstanceStatus.Deleted, Spec.Driver: Drivers.Remote })
        {
            // Not waited for: it may be who deletes.
            _ = TellWhoLaunchedAsync(instance.Id);
        }
    }

    /// <summary>What a miner brought up ends with its instance, whoever ends that. Told of it or not, the next sweep finds it too.</summary>
    private async Task TellWhoLaunchedAsync(Guid id)
    {
        try
        {
            await GrainFactory.GetGrain<IChuteInstanceGrain>(id).WakeAsync();
        }
        catch (Exception error)
        {
            LogLauncherNotTold(error, id);
        }
    }

    /// <summary>What is stored is done, whatever becomes of its row in the catalog: one that lags is brought up at the next wake-up.</summary>
    private async Task PublishAsync()
    {
        try
        {
            await catalog.PublishAsync(stored.State);
            stored.State = stored.State with { Outbox = [] };
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogNotPublished(error, this.GetPrimaryKey());
            WakeUpAfter(OrderRetry);
        }
    }

    /// <summary>Gives the order that the stored state calls for. A node that can't take it now is asked again later.</summary>
    private async Task OrderAsync()
    {
        if (InstanceOrder.Of(stored.State) is not { } order)
        {
            return;
        }

        if (order is InstanceOrder.Remove && StandingOf(order.Node) is { } standing and not NodeStanding.Live)
        {
            await RemoveWithoutNodeAsync(standing);
            return;
        }

        NodeReply reply;
        try
        {
            reply = await CallsOf().GiveAsync(order);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogOrderFailed(error, this.GetPrimaryKey(), order.GetType().Name, order.Node);
            WakeUpAfter(OrderRetry);
            return;
        }

        switch (reply.Refusal)
        {
            case { Kind: RefusalKind.Unavailable } refusal:
                LogOrderPostponed(this.GetPrimaryKey(), order.GetType().Name, order.Node, refusal.Message);
                WakeUpAfter(OrderRetry);
                break;
            case { } refusal when order is InstanceOrder.Remove:
                LogOrderPostponed(this.GetPrimaryKey(), order.GetType().Name, order.Node, refusal.Message);
                WakeUpAfter(OrderRetry);
                break;
            case { } refusal:
                await TakeRefusalAsync(refusal);
                break;
            case null when order is InstanceOrder.Remove:
                await ForgetAsync();
                break;
        }
    }

    /// <summary>The command that led here is stored; that its refusal can't be is not its caller's fault. The next activation gives the order again.</summary>
    private async Task TakeRefusalAsync(Refusal refusal)
    {
        try
        {
            await ApplyAsync(new InstanceInput.OrderRefused(refusal));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogRefusalNotStored(error, this.GetPrimaryKey(), refusal.Message);
        }
    }

    /// <summary>What a lost node keeps goes when it is back: the sweeper asks again. Of one that was removed nothing will.</summary>
    private Task RemoveWithoutNodeAsync(NodeStanding standing) =>
        standing == NodeStanding.Removed ? ForgetAsync() : Task.CompletedTask;

    private NodeStanding? StandingOf(string? name) => nodes.Nodes.FirstOrDefault(node => node.Name == name)?.Standing;

    /// <summary>An epoch is stored before its node hears of it: one that is not known here was stored by another activation, and this one's state is old.</summary>
    private async Task CatchUpAsync(RunReport report)
    {
        if (stored.State.Snapshot is not { } known || known.Epoch < report.Run.Epoch)
        {
            await stored.ReadStateAsync();
            _shown.Show(stored.State.Snapshot);
        }
    }

    /// <summary>What a node holds of an instance that is gone, or of an epoch that is over, must not go on there. False when the node can't end it now.</summary>
    private async Task<bool> ReleaseAsync(RunReport report, bool abandoned)
    {
        var reply = NodeReply.Accepted;
        if (IsAlive(report))
        {
            LogStray(report.Run.InstanceId, report.Run.Epoch, report.Node);
            reply = await CallsOf().KillAsync(report.Node, report.Run);
        }
        else if (abandoned && stored.State.Snapshot?.DueAt is null)
        {
            reply = await CallsOf().RemoveAsync(report.Node, report.Run.InstanceId);
        }

        return reply.Refusal is not { Kind: RefusalKind.Unavailable };
    }

    /// <summary>The instance is gone already as far as anybody can see; a state that can't be removed now is removed when it is next woken.</summary>
    private async Task ForgetAsync()
    {
        // Events outlive their instance, and this is the last place where those of its end are.
        if (!stored.State.Outbox.IsDefaultOrEmpty)
        {
            await PublishAsync();
            if (!stored.State.Outbox.IsEmpty)
            {
                return;
            }
        }

        try
        {
            await stored.ClearStateAsync();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whether it was removed is unknown, as after a failed write.
            LogNotForgotten(error, this.GetPrimaryKey());
            _shown.End();
            DeactivateOnIdle();
            return;
        }

        _shown.Show(null);
        DeactivateOnIdle();
    }

    private void WakeUpWhenDue()
    {
        _wakeUp?.Dispose();
        _wakeUp = null;
        if (stored.State.Snapshot?.DueAt is { } due)
        {
            var left = due - time.GetUtcNow();
            WakeUpAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }
    }

    private void WakeUpAfter(TimeSpan delay)
    {
        _wakeUp?.Dispose();
        _wakeUp = this.RegisterGrainTimer(WakeAsync, new GrainTimerCreationOptions(delay, Timeout.InfiniteTimeSpan));
    }

    private static bool IsAlive(RunReport report) => report.Phase is RunPhase.Running or RunPhase.Paused;

    /// <summary>Nothing of the current epoch is to run any more.</summary>
    private static bool IsOver(InstanceSnapshot instance) =>
        instance.Status is InstanceStatus.Pending or InstanceStatus.Backoff or InstanceStatus.Stopped or InstanceStatus.Failed;

    private NodeCalls CallsOf() => _calls ??= new(GrainFactory, time);

    private static InstanceReply Reply(InstanceSnapshot? instance) =>
        instance is null or { Status: InstanceStatus.Deleted } ? Refusal.NotFound : instance;
}
