using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Console;
using OrleansInstances.Nodes.Execs;
using OrleansInstances.Nodes.Health;
using OrleansInstances.Nodes.Processes;
using OrleansInstances.Nodes.Remote;
using OrleansInstances.Nodes.Reports;
using OrleansInstances.Nodes.Usage;

namespace OrleansInstances.Nodes;

/// <summary>
/// Runs this machine's instances through its keeper. Orders are checked and queued here, carried out one after the other
/// within an instance, and their outcome goes to the instance's grain.
/// </summary>
public sealed partial class NodeRuntime : INodeRuntime, ILeasedRuntime, IAsyncDisposable
{
    /// <summary>How long an inspection waits for orders under way, so that it does not speak of a start that is on its way.</summary>
    private static readonly TimeSpan InspectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Below the response timeout of a grain call.</summary>
    private static readonly TimeSpan LongestOutputWait = TimeSpan.FromSeconds(20);

    private readonly string _dataFolder;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeRuntime> _logger;
    private readonly HostedInstances _instances;
    private readonly KeeperClient _keeper;
    private readonly RemoteRuns _remote;
    private readonly NodeLease _lease;
    private readonly ReportCourier _courier;
    private readonly HealthChecks _health;
    private readonly RunReporter _reports;
    private readonly OrderRunner _orders;
    private readonly StdinWriter _stdin;
    private readonly OutputWaiters _outputWaiters;
    private readonly OutputPublisher _publisher;
    private readonly UsageSampler _usage;
    private readonly ExecSessions _execs;
    private long _lastIncarnation;

    public NodeRuntime(IOptions<NodeOptions> options, IGrainFactory grains, IOutputStream stream, TimeProvider time, ILogger<NodeRuntime> logger)
    {
        _dataFolder = options.Value.DataFolder;
        _time = time;
        _logger = logger;
        _instances = new HostedInstances(options.Value.MaxInstances, new NodeRoom(options.Value.Cpus, options.Value.MemoryMb));
        _keeper = new KeeperClient(_dataFolder, new Listener(this), time, logger);
        _remote = new RemoteRuns(_dataFolder, run => ObserveRemote(run), time, logger);
        _lease = new NodeLease(_keeper, time);
        _courier = new ReportCourier(grains, report => _ = AcknowledgeAsync(report), time, logger);
        _health = new HealthChecks(_dataFolder, Report, time, logger);
        _reports = new RunReporter(options.Value.NodeName, _courier, _health, time);
        _orders = new OrderRunner(_instances, _keeper, _lease, _reports, logger);
        _stdin = new StdinWriter(_dataFolder, _keeper);
        _outputWaiters = new OutputWaiters(_keeper, time);
        _instances.Forgotten = Forget;
        _publisher = new OutputPublisher(ReadOutputAsync, stream, options.Value.MaxOutputWatches, time, logger);
        _usage = new UsageSampler(_dataFolder, _instances.Alive, _instances.FindAlive, time);
        _execs = new ExecSessions(_dataFolder, new ExecOptions(options.Value.MaxExecs, options.Value.ExecAbandonedAfter), FindAlive, grains, time, logger);
    }

    /// <summary>Completes when the keeper is connected, its runs are listed and their reports are on the way; tries until then.</summary>
    /// <exception cref="FileNotFoundException">The keeper's program is missing.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Task.CompletedTask;
        }

        _remote.Load();
        return _keeper.StartAsync(cancellationToken);
    }

    /// <summary>One more instance could be started here.</summary>
    public bool HasRoom => _instances.HasRoom;

    public NodeUse Used => _instances.Used;

    public bool HasTaken(RunKey run) =>
        _instances.TryFind(run.InstanceId, out var instance) && (instance.OwnEpoch >= run.Epoch || instance.Record?.Epoch >= run.Epoch);

    public long Incarnation
    {
        get => _lease.Incarnation;
        set
        {
            _lease.Incarnation = value;
            if (value != 0 && Interlocked.Exchange(ref _lastIncarnation, value) is not 0 and var last && last != value)
            {
                ReportAlive();
            }
        }
    }

    public bool HoldsInstances => new DirectoryInfo(InstanceFolder.AllInstances(_dataFolder)) is { Exists: true } folder && folder.EnumerateDirectories().Any();

    public long BootTimeMs => BootClock.NowMs();

    public Task<Refusal?> LeaseAsync(long incarnation, long untilMs) => _lease.ExtendAsync(incarnation, untilMs);

    public Task FenceAsync(CancellationToken cancellationToken)
    {
        _remote.Fence();
        return _lease.FenceAsync(cancellationToken);
    }

    public INodeExecs Execs => _execs;

    /// <summary>Leaves keeper and instances running.</summary>
    public async ValueTask DisposeAsync()
    {
        await _execs.DisposeAsync().ConfigureAwait(false);
        _courier.Dispose();
        _health.Dispose();
        _publisher.Dispose();
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _stdin.Dispose();
    }

    public ValueTask<NodeReply> StartAsync(StartRun order)
    {
        var spec = order.Spec;
        if (Refuse() is { } refusal)
        {
            return Answer(refusal);
        }

        if (spec.Driver is not (Drivers.Process or Drivers.Remote))
        {
            return Answer(new Refusal(RefusalKind.Invalid, "unknown_driver", $"This node has no driver '{spec.Driver}'."));
        }

        if (spec is { Driver: Drivers.Process, Command.IsDefaultOrEmpty: true })
        {
            return Answer(new Refusal(RefusalKind.Invalid, "invalid_command", "The process driver needs a command."));
        }

        if (!SignalNames.TryParse(spec.Stop.Signal, out _))
        {
            return Answer(UnknownSignal(spec.Stop.Signal));
        }

        // What is here, or under way, is not started anew: its outcome is told.
        var isHere = _instances.TryFind(order.Run.InstanceId, out var known) && (known.Record?.Epoch == order.Run.Epoch || !known.Orders.IsIdle);
        if (!isHere && _lease.Refuse(order.Incarnation) is { } stale)
        {
            return Answer(stale);
        }

        var instance = _instances.GetOrAdd(order.Run.InstanceId);
        instance.Driver = spec.Driver == Drivers.Remote ? _remote : null;
        if (instance.Record is { } record && record.Epoch > order.Run.Epoch)
        {
            return Answer(new Refusal(RefusalKind.Conflict, "stale_epoch", $"The node has passed epoch {order.Run.Epoch}: it is at {record.Epoch}."));
        }

        if (instance.Reports.IsFull)
        {
            return Answer(new Refusal(RefusalKind.Unavailable, "reports_pending", "The ends of earlier runs are not accepted yet."));
        }

        return Order(instance, StartRequests.Of(order, new InstanceFolder(_dataFolder, instance.Id).Files));
    }

    public ValueTask<NodeReply> StopAsync(RunKey run, string signal, TimeSpan timeout)
    {
        if (Refuse() is { } refusal)
        {
            return Answer(refusal);
        }

        if (!SignalNames.TryParse(signal, out var number))
        {
            return Answer(UnknownSignal(signal));
        }

        var milliseconds = (int)Math.Clamp(timeout.TotalMilliseconds, 0, int.MaxValue);
        return Order(_instances.GetOrAdd(run.InstanceId), new StopRequest(run.InstanceId, run.Epoch, number, milliseconds));
    }

    public ValueTask<NodeReply> PauseAsync(RunKey run) => OrderAlive(run, new PauseRequest(run.InstanceId, run.Epoch));

    public ValueTask<NodeReply> ResumeAsync(RunKey run) => OrderAlive(run, new ResumeRequest(run.InstanceId, run.Epoch));

    public ValueTask<NodeReply> SignalAsync(RunKey run, string signal) =>
        _remote.Has(run.InstanceId) ? Answer(RunsElsewhere)
            : SignalNames.TryParse(signal, out var number)
            ? OrderAlive(run, new SignalRequest(run.InstanceId, run.Epoch, number))
            : Answer(UnknownSignal(signal));

    public ValueTask<NodeReply> RemoveAsync(Guid instanceId)
    {
        if (Refuse() is { } refusal)
        {
            return Answer(refusal);
        }

        var instance = _instances.GetOrAdd(instanceId);
        return instance.Orders.IsIdle && instance.Record is { HasEnded: false }
            ? Answer(new Refusal(RefusalKind.Conflict, "running", "The instance still runs."))
            : Order(instance, new RemoveRequest(instanceId));
    }

    /// <exception cref="KeeperUnavailableException">What the keeper knows can't be asked now.</exception>
    /// <exception cref="TimeoutException">Orders of this instance are still under way; ask again.</exception>
    public async ValueTask<RunReport?> InspectAsync(RunKey run)
    {
        if (_instances.TryFind(run.InstanceId, out var ordered))
        {
            await ordered.Orders.WhenIdle().WaitAsync(InspectTimeout, _time).ConfigureAwait(false);
        }

        if (!_keeper.IsReady)
        {
            throw Unreachable();
        }

        // It may have been removed meanwhile.
        if (!_instances.TryFind(run.InstanceId, out var instance))
        {
            return null;
        }

        // Null would say that it never came here, while it may be about to run.
        return instance.Record is { Phase: RunRecordPhase.Starting } record && record.Epoch == run.Epoch
            ? throw new TimeoutException($"The start of epoch {run.Epoch} is still under way.")
            : _reports.Describe(instance, run.Epoch);
    }

    public ValueTask<InputReply> WriteInputAsync(RunKey run, ReadOnlyMemory<byte> data, bool close) =>
        _remote.Has(run.InstanceId) ? ValueTask.FromResult(new InputReply(0, RunsElsewhere))
            : FindAlive(run) is { } record
            ? _stdin.WriteAsync(record, data, close)
            : ValueTask.FromResult(new InputReply(0, NotRunning));

    public async ValueTask<OutputSlice?> ReadOutputAsync(OutputQuery query)
    {
        // Nothing of its output ever comes here.
        if (_remote.Has(query.InstanceId))
        {
            return null;
        }

        var folder = new InstanceFolder(_dataFolder, query.InstanceId).Console;
        var wait = query.Wait < LongestOutputWait ? query.Wait : LongestOutputWait;
        var since = _time.GetTimestamp();
        while (true)
        {
            var slice = await Task.Run(() => ConsoleReader.Read(folder, query)).ConfigureAwait(false);
            var left = wait - _time.GetElapsedTime(since);
            var isUnknown = slice is null && !_instances.TryFind(query.InstanceId, out _);
            if (slice is { Data.IsEmpty: false } || left <= TimeSpan.Zero || isUnknown)
            {
                return slice;
            }

            await _outputWaiters.WaitAsync(query.InstanceId, slice?.Head ?? 0, left).ConfigureAwait(false);
        }
    }

    public ValueTask<WatchReply> WatchOutputAsync(Guid instanceId) => _publisher.WatchAsync(instanceId);

    public async ValueTask<ImmutableArray<InstanceUsage>> GetUsageAsync(ImmutableArray<Guid> instanceIds) =>
        OperatingSystem.IsLinux() ? await _usage.GetAsync(instanceIds).ConfigureAwait(false) : [];

    private static Refusal NotRunning { get; } = new(RefusalKind.Conflict, "not_running", "There is no such run alive on the node.");

    private static Refusal RunsElsewhere { get; } = new(RefusalKind.Conflict, "runs_elsewhere", "The workload runs elsewhere: only its own host reaches it.");

    private static Refusal UnknownSignal(string signal) => new(RefusalKind.Invalid, "unknown_signal", $"There is no signal '{signal}'.");

    private static KeeperUnavailableException Unreachable() => new("The keeper can't be reached.", outcomeUnknown: false);

    private static ValueTask<NodeReply> Answer(Refusal refusal) => ValueTask.FromResult(new NodeReply(refusal));

    /// <summary>Why the node can take no order at all.</summary>
    private Refusal? Refuse()
    {
        if (!OperatingSystem.IsLinux())
        {
            return new Refusal(RefusalKind.Unavailable, "no_process_driver", "This node can't run processes: the process driver needs Linux.");
        }

        return _keeper.HasListed
            ? null
            : new Refusal(RefusalKind.Unavailable, "node_starting", "The node has not heard from its keeper yet.");
    }

    private ValueTask<NodeReply> OrderAlive(RunKey run, KeeperRequest order)
    {
        if (Refuse() is { } refusal)
        {
            return Answer(refusal);
        }

        // With orders under way, what they lead to decides: the keeper will say so.
        return _instances.TryFind(run.InstanceId, out var instance) && (!instance.Orders.IsIdle || FindAlive(run) is not null)
            ? Order(instance, order)
            : Answer(NotRunning);
    }

    private ValueTask<NodeReply> Order(HostedInstance instance, KeeperRequest order) =>
        _orders.TryRun(instance, order)
            ? ValueTask.FromResult(NodeReply.Accepted)
            : Answer(new Refusal(RefusalKind.Unavailable, "too_many_orders", $"{OrderQueue.MaxOrders} orders to this instance are under way."));

    private HostedInstance ObserveRemote(RunRecord run)
    {
        var instance = _instances.Observe(run);
        instance.Driver = _remote;
        _health.Observe(run);
        return instance;
    }

    private void Report(RunKey run)
    {
        if (_instances.TryFind(run.InstanceId, out var instance))
        {
            _reports.Send(instance, run.Epoch);
        }
    }

    private void ReportAlive()
    {
        foreach (var run in _instances.Alive())
        {
            Report(run.Run);
        }
    }

    private void Forget(Guid instanceId)
    {
        _health.Forget(instanceId);
        _outputWaiters.Changed(instanceId);
    }

    private RunRecord? FindAlive(RunKey run) =>
        _instances.FindAlive(run.InstanceId) is { } record && record.Epoch == run.Epoch ? record : null;

    /// <summary>A grain has stored the end of a run: the keeper need not tell of it again.</summary>
    private async Task AcknowledgeAsync(RunReport report)
    {
        if (!_instances.TryFind(report.Run.InstanceId, out var instance)
            || instance.Record is not { HasEnded: true, Acknowledged: false } record
            || record.Epoch != report.Run.Epoch)
        {
            return;
        }

        try
        {
            await (instance.Driver ?? _keeper).RequestAsync(new AcknowledgeRequest(record.InstanceId, record.Epoch)).ConfigureAwait(false);
        }
        catch (KeeperUnavailableException e)
        {
            LogNotAcknowledged(record.InstanceId, record.Epoch, e.Message);
        }
    }

    private sealed class Listener(NodeRuntime runtime) : IKeeperListener
    {
        public void Replied(RunRecord run) => Observe(run);

        public void Noticed(RunRecord run) => runtime._reports.SendLatest(Observe(run));

        public void Listed(IReadOnlyList<RunRecord> runs)
        {
            foreach (var run in runs)
            {
                Take(run);
            }

            foreach (var run in runtime._remote.All)
            {
                runtime.ObserveRemote(run);
            }

            foreach (var instance in runtime._instances.ObserveAll([.. runs, .. runtime._remote.All]))
            {
                runtime._health.Observe(instance.Record!);
                runtime._reports.SendLatest(instance);
            }

            runtime._outputWaiters.ChangedAll();
        }

        public void OutputGrew(OutputNotice notice) => runtime._outputWaiters.Grew(notice);

        private HostedInstance Observe(RunRecord run)
        {
            Take(run);
            var instance = runtime._instances.Observe(run);
            runtime._health.Observe(instance.Record!);
            runtime._outputWaiters.Changed(run.InstanceId);
            return instance;
        }

        private void Take(RunRecord run)
        {
            runtime._stdin.Hold(run);
            if (run.HasEnded)
            {
                runtime._stdin.Forget(run.Run);
            }
        }
    }
}
