using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Processes;

/// <summary>
/// The way to the keeper of a data folder. Keeps one connection open, starts the keeper when nobody listens, and lists all
/// runs on every connect before any request goes out.
/// </summary>
internal sealed partial class KeeperClient(string dataFolder, IKeeperListener listener, TimeProvider time, ILogger logger) : IRunDriver, IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StartingPoll = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stopping = new();
    private volatile TaskCompletionSource<KeeperConnection> _ready = NewReady();
    private Task? _keepingConnected;

    /// <summary>True while connected with all runs listed.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>True once all runs were listed, whether or not there is a connection now.</summary>
    public bool HasListed { get; private set; }

    /// <summary>Completes when the keeper is connected and its runs are listed; tries until then.</summary>
    /// <exception cref="FileNotFoundException">The keeper's program is missing.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        KeeperProgram.RequireFiles();
        Directory.CreateDirectory(dataFolder);
        var ready = _ready.Task;
        _keepingConnected = Task.Run(KeepConnectedAsync, CancellationToken.None);
        await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request, waiting up to 10 s for a connection, and gives the reply, errors of the keeper included.</summary>
    /// <exception cref="KeeperUnavailableException">No connection came up, or no reply came.</exception>
    public async Task<KeeperMessage> RequestAsync(KeeperRequest request) =>
        await (await ReadyAsync().ConfigureAwait(false)).RequestAsync(request).ConfigureAwait(false);

    /// <summary>All runs that the keeper has now.</summary>
    /// <exception cref="KeeperUnavailableException">It could not be asked.</exception>
    public async Task<IReadOnlyList<RunRecord>> ListAsync() => await ListAsync(await ReadyAsync().ConfigureAwait(false)).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_keepingConnected is not null)
        {
            await _keepingConnected.ConfigureAwait(false);
        }
    }

    /// <summary>The connection, waiting up to 10 s for one.</summary>
    private async Task<KeeperConnection> ReadyAsync()
    {
        try
        {
            return await _ready.Task.WaitAsync(ReadyTimeout, time, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            throw new KeeperUnavailableException("The keeper can't be reached.", outcomeUnknown: false);
        }
    }

    private static TaskCompletionSource<KeeperConnection> NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task KeepConnectedAsync()
    {
        var delay = FirstDelay;
        while (!_stopping.IsCancellationRequested)
        {
            var since = time.GetTimestamp();
            try
            {
                LogConnectionLost(await ServeConnectionAsync().ConfigureAwait(false));
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogNoConnection(e);
            }

            // A connection that held is followed by a quick attempt, one that did not by ever slower ones.
            delay = time.GetElapsedTime(since) > LastDelay ? FirstDelay : delay;
            await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
        }
    }

    /// <summary>Opens a connection and stays with it to its end; gives the reason of the end.</summary>
    private async Task<string> ServeConnectionAsync()
    {
        var connection = new KeeperConnection(await ConnectAsync().ConfigureAwait(false), Receive, time);
        await using (connection.ConfigureAwait(false))
        {
            var hello = await AskAsync(connection, new HelloRequest(KeeperProtocol.Version)).ConfigureAwait(false);
            connection.Version = hello.Keeper?.Version ?? 1;
            var runs = await ListAsync(connection).ConfigureAwait(false);
            listener.Listed(runs);
            LogConnected(hello.Keeper?.Pid ?? 0, runs.Count);
            try
            {
                HasListed = true;
                _ready.SetResult(connection);
                await FollowStartingAsync(connection, runs).ConfigureAwait(false);
                return await connection.Closed.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }
            finally
            {
                _ready = NewReady();
            }
        }
    }

    /// <summary>A listed run between its record and its spawn was ordered on another connection: only a later list tells how it went.</summary>
    private async Task FollowStartingAsync(KeeperConnection connection, IReadOnlyList<RunRecord> runs)
    {
        var starting = Starting(runs);
        while (starting.Count > 0)
        {
            await Task.Delay(StartingPoll, time, _stopping.Token).ConfigureAwait(false);
            runs = await ListAsync(connection).ConfigureAwait(false);
            var still = Starting(runs);
            foreach (var run in runs.Where(run => starting.Contains(run.InstanceId) && !still.Contains(run.InstanceId)))
            {
                listener.Noticed(run);
            }

            starting.IntersectWith(still);
        }

        static HashSet<Guid> Starting(IReadOnlyList<RunRecord> runs) =>
            [.. runs.Where(run => run.Phase == RunRecordPhase.Starting).Select(run => run.InstanceId)];
    }

    private static async Task<IReadOnlyList<RunRecord>> ListAsync(KeeperConnection connection)
    {
        var runs = new List<RunRecord>();
        IReadOnlyList<RunRecord> page;
        do
        {
            page = (await AskAsync(connection, new ListRequest(runs.LastOrDefault()?.InstanceId)).ConfigureAwait(false)).Runs ?? [];
            runs.AddRange(page);
        }
        while (page.Count == KeeperProtocol.ListPage);

        return runs;
    }

    private static async Task<KeeperMessage> AskAsync(KeeperConnection connection, KeeperRequest request)
    {
        var reply = await connection.RequestAsync(request).ConfigureAwait(false);
        return reply.Error is { } error
            ? throw new KeeperUnavailableException($"The keeper refused {request.GetType().Name}: {error.Message}", outcomeUnknown: false)
            : reply;
    }

    private async Task<Socket> ConnectAsync()
    {
        try
        {
            return await KeeperSocket.ConnectAsync(dataFolder, _stopping.Token).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            LogNobodyListens(e.Message);
        }

        using var keeper = KeeperProgram.Start(dataFolder);
        LogStarted(keeper.Id);
        var since = time.GetTimestamp();
        while (true)
        {
            await Task.Delay(StartPoll, time, _stopping.Token).ConfigureAwait(false);
            if (keeper.HasExited && keeper.ExitCode != KeeperProgram.ExitCodeOfSecond)
            {
                var said = await keeper.StandardError.ReadToEndAsync(_stopping.Token).ConfigureAwait(false);
                throw new KeeperUnavailableException($"The keeper ended with code {keeper.ExitCode}: {said.Trim()}", outcomeUnknown: false);
            }

            try
            {
                return await KeeperSocket.ConnectAsync(dataFolder, _stopping.Token).ConfigureAwait(false);
            }
            catch (SocketException) when (time.GetElapsedTime(since) < StartTimeout)
            {
                // Nobody listens yet.
            }
        }
    }

    private void Receive(KeeperMessage message)
    {
        if (message.Output is { } output)
        {
            listener.OutputGrew(output);
        }

        if (message.Run is not { } run)
        {
            return;
        }

        if (message.Seq == 0)
        {
            listener.Noticed(run);
        }
        else
        {
            listener.Replied(run);
        }
    }
}
