using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;

namespace OrleansInstances.Nodes.Execs;

/// <summary>The sessions of commands beside the programs of this node's runs: opens, bounds, finds and ends them, and tells instances how they ended.</summary>
internal sealed partial class ExecSessions : INodeExecs, IAsyncDisposable
{
    /// <summary>Below the number of connections that the keeper takes beside its sessions.</summary>
    private const int MaxOpening = 8;

    private const int ReportAttempts = 10;

    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstReportDelay = TimeSpan.FromMilliseconds(50);

    private readonly string _dataFolder;
    private readonly ExecOptions _options;
    private readonly Func<RunKey, RunRecord?> _findAlive;
    private readonly IGrainFactory _grains;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<Guid, ExecSession> _sessions = new();
    private readonly SemaphoreSlim _opening = new(MaxOpening);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _look;
    private int _taken;

    public ExecSessions(
        string dataFolder, ExecOptions options, Func<RunKey, RunRecord?> findAlive, IGrainFactory grains, TimeProvider time, ILogger logger)
    {
        (_dataFolder, _options, _findAlive, _grains, _time, _logger) = (dataFolder, options, findAlive, grains, time, logger);
        _look = time.CreateTimer(_ => EndAbandoned(), null, LookInterval, LookInterval);
    }

    public async Task<ExecOpened> OpenAsync(ExecOrder order)
    {
        if (!OperatingSystem.IsLinux() || _findAlive(order.Run) is not { Phase: RunRecordPhase.Running })
        {
            return Refuse(RefusalKind.Conflict, "not_running", "There is no such run running on the node.");
        }

        if (Interlocked.Increment(ref _taken) > _options.MaxSessions)
        {
            Interlocked.Decrement(ref _taken);
            return Refuse(RefusalKind.Unavailable, "too_many_execs", $"{_options.MaxSessions} commands run on the node already.");
        }

        ExecOpened? notOpened = null;
        try
        {
            notOpened = await TryOpenAsync(order).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException)
        {
            notOpened = Refuse(RefusalKind.Unavailable, "keeper_unreachable", $"The keeper can't be asked: {failure.Message}");
        }
        finally
        {
            if (notOpened is not { Refusal: null, End: null })
            {
                Interlocked.Decrement(ref _taken);
            }
        }

        return notOpened;
    }

    public async Task<ExecOutput> ReadAsync(Guid execId, TimeSpan wait)
    {
        if (!_sessions.TryGetValue(execId, out var session))
        {
            return ExecOutput.Nothing with { Refusal = new Refusal(RefusalKind.NotFound, "no_such_exec", "The session is over.") };
        }

        var output = await session.ReadAsync(wait).ConfigureAwait(false);
        if (output.End is not null)
        {
            await EndAsync(session).ConfigureAwait(false);
        }

        return output;
    }

    public Task<bool> WriteAsync(Guid execId, ReadOnlyMemory<byte> data, bool close) =>
        _sessions.TryGetValue(execId, out var session) ? session.WriteAsync(data, close) : Task.FromResult(true);

    public void Resize(Guid execId, TerminalSize size)
    {
        if (_sessions.TryGetValue(execId, out var session))
        {
            session.Resize(size);
        }
    }

    public async Task CloseAsync(Guid execId)
    {
        if (_sessions.TryGetValue(execId, out var session))
        {
            await EndAsync(session, "Its client has gone.").ConfigureAwait(false);
        }
    }

    public ImmutableArray<ExecInfo> List(Guid instanceId) =>
        [.. _sessions.Values.Where(session => session.InstanceId == instanceId).Select(session => session.Info).OrderBy(info => info.StartedAt)];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _look.DisposeAsync().ConfigureAwait(false);
        foreach (var session in _sessions.Values)
        {
            await EndAsync(session, "The silo that it was connected to has ended.").ConfigureAwait(false);
        }
    }

    private async Task<ExecOpened> TryOpenAsync(ExecOrder order)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        timeout.CancelAfter(OpenTimeout);
        await _opening.WaitAsync(timeout.Token).ConfigureAwait(false);
        try
        {
            var (connection, reply) = await ExecConnection.OpenAsync(_dataFolder, RequestOf(order), timeout.Token).ConfigureAwait(false);
            if (reply.Exec is not { ExitCode: null })
            {
                connection.Dispose();
                return reply.Exec is { } status
                    ? new ExecOpened(null, new ExecEnd(status.ExitCode, status.Message))
                    : Refuse(KindOf(reply.Error), reply.Error?.Code ?? KeeperErrorCodes.Protocol, reply.Error?.Message ?? "The keeper's answer makes no sense.");
            }

            var info = new ExecInfo(order.Id, order.Command.Arguments, order.Command.Terminal is not null, order.Command.By, _time.GetUtcNow());
            _sessions[order.Id] = new ExecSession(info, order.Run.InstanceId, new KeeperExec(connection), _time);
            return new ExecOpened(null, null);
        }
        finally
        {
            _opening.Release();
        }
    }

    private ExecRequest RequestOf(ExecOrder order)
    {
        var files = new InstanceFolder(_dataFolder, order.Run.InstanceId).Files;
        return new ExecRequest(
            order.Id, order.Run.InstanceId, order.Run.Epoch, order.Command.Arguments, ProcessEnvironment.Compose(files, order.Env), order.Cwd)
        {
            User = StartRequests.UserOf(order.User),
            Terminal = order.Command.Terminal is { } size ? new WindowSize((ushort)size.Columns, (ushort)size.Rows) : null,
        };
    }

    private void EndAbandoned()
    {
        foreach (var session in _sessions.Values.Where(session => session.IsAbandoned(_options.AbandonedAfter)))
        {
            LogAbandoned(session.Info.Id, session.InstanceId);
            _ = EndAsync(session, "Nobody read it any more.");
        }
    }

    /// <param name="why">It is ended before its time.</param>
    private async Task EndAsync(ExecSession session, string? why = null)
    {
        if (!_sessions.TryRemove(session.Info.Id, out _))
        {
            return;
        }

        var end = session.End ?? new ExecEnd(null, why);
        await session.DisposeAsync().ConfigureAwait(false);
        Interlocked.Decrement(ref _taken);
        _ = ReportAsync(session.InstanceId, session.Info.Id, end);
    }

    /// <summary>Should all attempts fail, the instance notes the end of the command with that of its run.</summary>
    private async Task ReportAsync(Guid instanceId, Guid execId, ExecEnd end)
    {
        // Not on a caller's turn, which may be the instance's own.
        await Task.Yield();
        var delay = FirstReportDelay;
        for (var attempt = 1; !_stopping.IsCancellationRequested; attempt++, delay *= 2)
        {
            try
            {
                await _grains.GetGrain<IInstanceGrain>(instanceId).EndExecAsync(execId, end).ConfigureAwait(false);
                return;
            }
            catch (Exception failure)
            {
                LogNotReported(failure, instanceId, execId, attempt);
                if (attempt == ReportAttempts)
                {
                    return;
                }
            }

            await Task.Delay(delay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static RefusalKind KindOf(KeeperError? error) => error?.Code switch
    {
        KeeperErrorCodes.Conflict or KeeperErrorCodes.Stale or KeeperErrorCodes.Unknown => RefusalKind.Conflict,
        _ => RefusalKind.Unavailable,
    };

    private static ExecOpened Refuse(RefusalKind kind, string code, string message) => new(new Refusal(kind, code, message), null);
}
