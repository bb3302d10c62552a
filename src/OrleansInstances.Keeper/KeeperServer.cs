using System.Runtime.InteropServices;
using OrleansInstances.Keeper.Cgroups;
using OrleansInstances.Keeper.Connections;
using OrleansInstances.Keeper.Execs;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Runs;
using OrleansInstances.Keeper.Silos;

namespace OrleansInstances.Keeper;

/// <summary>The keeper at work: recovers, then serves requests until a shutdown ends it.</summary>
internal sealed class KeeperServer
{
    private const int FirstProcess = 1;

    private static readonly TimeSpan LastWordsLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastWordsPace = TimeSpan.FromMilliseconds(5);

    private readonly EventLoop _loop;
    private readonly TimeProvider _time;
    private readonly RunTable _runs = new();
    private readonly KeeperContext _context;
    private readonly RunRequests _requests;
    private readonly Shutdown _shutdown;
    private readonly Fence _fence;
    private readonly ExecTable _execs;
    private readonly Listener _listener;
    private readonly SiloProcess? _silo;

    /// <param name="dataFolder">Absolute, and locked by this process.</param>
    /// <param name="silo">Null when it is not for this keeper to run.</param>
    public KeeperServer(string dataFolder, long openFilesLimit, TimeProvider time, KeeperLog logger, SiloOrder? silo)
    {
        _time = time;
        _loop = new EventLoop(time);
        var scans = new TreeScans(_loop, logger);
        var thrift = new MemoryThrift();
        _loop.AfterBatch = () =>
        {
            scans.ServeAll();
            thrift.Check();
        };
        var bootId = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        var cgroups = new RunCgroups(dataFolder, CgroupPlace.OfThisProcess());
        _context = new KeeperContext(dataFolder, bootId, openFilesLimit, _loop, scans, cgroups, time, logger, OnEnded);
        _requests = new RunRequests(_context, _runs);
        _shutdown = new Shutdown(_runs, _requests, End);
        new Recovery(_context, _runs, _requests).Run();
        cgroups.RemoveStale(_runs.Alive.SelectMany(run => run.Record.Cgroup ?? []));
        _fence = new Fence(_context, _runs, _requests);
        _fence.Restore();
        _execs = new ExecTable(_context, _runs);
        _execs.KillStrays();

        // Whoever can connect finds every run that there is.
        _listener = new Listener(dataFolder, _loop, logger, Handle);
        _silo = silo is null ? null : Supervise(silo, logger);
    }

    /// <returns>The exit code.</returns>
    public int Run()
    {
        _silo?.Start();
        _loop.Run();
        File.Delete(InstanceFolder.KeeperSocket(_context.DataFolder));
        return _silo?.ExitCode ?? 0;
    }

    private SiloProcess Supervise(SiloOrder order, KeeperLog logger)
    {
        var silo = new SiloProcess(order, _loop, _time, logger, goesOn: () => _runs.Alive.Any(), gone: _loop.Stop);
        if (Environment.ProcessId == FirstProcess)
        {
            new Orphans(_loop, pid => pid == silo.Pid || _execs.Awaits(pid) || _runs.Alive.Any(run => run.Main is { IsChild: true } main && main.Pid == pid)).Watch();
        }

        // First the silo: what it was told is done, and it starts nothing more.
        _ = new SignalPipe(_loop, [PosixSignal.SIGTERM, PosixSignal.SIGINT], () => silo.Stop(() => _shutdown.Begin(order.InstancesTimeout, reply: null)));
        return silo;
    }

    private void Handle(Connection connection, KeeperRequest request)
    {
        var reply = new ReplyTo(connection, request.Seq);
        if (request is HelloRequest hello)
        {
            Greet(connection, hello, reply);
            return;
        }

        if (!connection.SaidHello)
        {
            connection.Reject(request.Seq, KeeperErrorCodes.Protocol, "The first message must be hello.");
            return;
        }

        if (request is StartRequest { Command: null } or StartRequest { Env: null } or ExecRequest { Command: null } or ExecRequest { Env: null })
        {
            connection.Reject(request.Seq, KeeperErrorCodes.Protocol, "A program needs command and env.");
            return;
        }

        try
        {
            Dispatch(request, reply);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            reply.Send(Replies.Refused(KeeperErrorCodes.Failed, failure.Message));
        }
    }

    private void Greet(Connection connection, HelloRequest hello, ReplyTo reply)
    {
        if (hello.Version < 1)
        {
            connection.Reject(hello.Seq, KeeperErrorCodes.Protocol, $"There is no version {hello.Version}; this keeper speaks {KeeperProtocol.Version}.");
            return;
        }

        connection.SaidHello = true;
        reply.Send(new KeeperMessage { Keeper = new KeeperIdentity(KeeperProtocol.Version, Environment.ProcessId, _context.BootId) });
    }

    private void Dispatch(KeeperRequest request, ReplyTo reply)
    {
        switch (request)
        {
            case ListRequest list:
                reply.Send(new KeeperMessage { Runs = [.. _runs.Page(list.After, KeeperProtocol.ListPage).Select(run => run.Record)] });
                break;
            case StartRequest start:
                reply.Send(_fence.Refuse(start) ?? _requests.Start(start));
                break;
            case StopRequest stop:
                reply.Send(_requests.Stop(stop));
                break;
            case SignalRequest signal:
                reply.Send(_requests.Signal(signal));
                break;
            case PauseRequest pause:
                _requests.Pause(pause, reply);
                break;
            case ResumeRequest resume:
                _requests.Resume(resume, reply);
                break;
            case CloseInputRequest closeInput:
                reply.Send(_requests.CloseInput(closeInput));
                break;
            case WatchOutputRequest watch:
                reply.Send(_requests.WatchOutput(watch, reply.Connection));
                break;
            case LeaseRequest lease:
                reply.Send(_fence.Extend(lease));
                break;
            case ExecRequest exec:
                _execs.Begin(exec, reply);
                break;
            case AcknowledgeRequest acknowledge:
                reply.Send(_requests.Acknowledge(acknowledge));
                break;
            case RemoveRequest remove:
                reply.Send(_requests.Remove(remove));
                break;
            case ShutdownRequest shutdown:
                _shutdown.Begin(TimeSpan.FromMilliseconds(shutdown.TimeoutMs), reply);
                break;
        }
    }

    private void OnEnded(Run run)
    {
        _listener.Notify(Replies.Of(run.Record));
        _shutdown.Check();
    }

    private void End()
    {
        if (_silo is null)
        {
            EndWhenSent(_time.GetTimestamp());
        }
        else
        {
            _silo.Stop(() => EndWhenSent(_time.GetTimestamp()));
        }
    }

    private void EndWhenSent(long since)
    {
        if (_listener.HasUnsent && _time.GetElapsedTime(since) < LastWordsLimit)
        {
            _loop.After(LastWordsPace, () => EndWhenSent(since));
            return;
        }

        _loop.Stop();
    }
}
