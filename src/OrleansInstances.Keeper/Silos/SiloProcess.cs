using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Runs;

namespace OrleansInstances.Keeper.Silos;

/// <summary>
/// Runs the silo: starts it again when it ends while instances are alive, ever more slowly. Without any there is nothing to
/// keep, and the keeper ends with it.
/// </summary>
/// <param name="goesOn">Whether the silo is to be started again.</param>
/// <param name="gone">Called when it has ended and is not.</param>
internal sealed partial class SiloProcess(SiloOrder order, EventLoop loop, TimeProvider time, KeeperLog logger, Func<bool> goesOn, Action gone)
{
    private const int NotExecuted = 127;

    // With another folder it would find no keeper there and start a second one.
    private const string DataFolderSetting = "OI_DATA";

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    private MainProcess? _process;
    private Watch? _watch;
    private Deadline? _next;
    private Action? _stopped;
    private TimeSpan _delay = FirstDelay;
    private long _startedAt;

    /// <summary>Of its last end.</summary>
    public int ExitCode { get; private set; }

    /// <summary>0 while it doesn't run.</summary>
    public int Pid => _process?.Pid ?? 0;

    public void Start()
    {
        _startedAt = time.GetTimestamp();
        var environment = Environment();
        var program = ProgramFile.Find(order.Command, environment, System.Environment.CurrentDirectory, user: null);
        if (program.Path is null)
        {
            Ended(NotExecuted, program.Problem!);
            return;
        }

        var spawn = new SpawnOrder(program.Path, order.Command, [.. environment.Select(pair => $"{pair.Key}={pair.Value}")], System.Environment.CurrentDirectory);
        if (Posix.TrySpawn(spawn, order.Descriptors, out var pid) is var errno and not 0)
        {
            Ended(NotExecuted, ProgramFile.Explain(program.Path, errno));
            return;
        }

        _process = MainProcess.OfChild(pid);
        _watch = loop.Watch(_process.Pidfd, PollEvents.In, _ => Reap());
        LogStarted(pid);
    }

    /// <summary>SIGTERM, SIGKILL when that takes too long or it is asked twice.</summary>
    /// <param name="stopped">Called when it has ended, at once when it doesn't run.</param>
    public void Stop(Action stopped)
    {
        _next?.Cancel();
        if (_process is null)
        {
            stopped();
            return;
        }

        _ = _process.TrySignal(_stopped is null ? Signals.Terminate : Signals.Kill);
        _stopped = stopped;
        loop.After(StopTimeout, () => _process?.TrySignal(Signals.Kill));
    }

    private Dictionary<string, string> Environment()
    {
        var variables = System.Environment.GetEnvironmentVariables();
        var own = variables.Keys.Cast<string>().ToDictionary(name => name, name => (string)variables[name]!);
        own[DataFolderSetting] = order.DataFolder;
        return own;
    }

    private void Reap()
    {
        var status = _process!.TakeExitStatus();
        _watch!.Dispose();
        _process.Dispose();
        _process = null;
        Ended(status?.Code ?? NotExecuted, status is { Signal: { } signal } ? $"ended by signal {signal}" : $"ended with code {status?.Code}");
    }

    private void Ended(int exitCode, string how)
    {
        ExitCode = exitCode;
        if (_stopped is { } stopped)
        {
            LogStopped(how);
            stopped();
            return;
        }

        if (!goesOn())
        {
            LogGone(how);
            gone();
            return;
        }

        _delay = time.GetElapsedTime(_startedAt) >= Settled ? FirstDelay : _delay;
        LogEnded(how, _delay);
        _next = loop.After(_delay, Start);
        _delay = _delay * 2 < LastDelay ? _delay * 2 : LastDelay;
    }
}
