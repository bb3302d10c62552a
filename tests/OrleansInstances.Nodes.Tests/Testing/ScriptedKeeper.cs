using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using OrleansInstances.Keeper;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Tests.Testing;

/// <summary>Stands in for the keeper on its socket: keeps records without running anything, and does what a test tells it.</summary>
internal sealed class ScriptedKeeper : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<Socket, bool> _connections = new();
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly Task _accepting;

    public ScriptedKeeper(string dataFolder)
    {
        var path = InstanceFolder.KeeperSocket(dataFolder);
        File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _accepting = Task.Run(AcceptAsync);
    }

    public ConcurrentDictionary<Guid, RunRecord> Runs { get; } = new();

    /// <summary>Requests in the order they came.</summary>
    public ConcurrentQueue<KeeperRequest> Requests { get; } = new();

    /// <summary>A test's own answer; null lets the keeper answer as usual, <see cref="NoReply"/> answers nothing.</summary>
    public Func<KeeperRequest, KeeperMessage?> Script { get; set; } = _ => null;

    /// <summary>What it says it speaks.</summary>
    public int Version { get; set; } = KeeperProtocol.Version;

    public static KeeperMessage NoReply { get; } = new();

    public int Connections => _connections.Count;

    public IEnumerable<T> RequestsOf<T>() => Requests.OfType<T>();

    /// <summary>Ends a run and tells every connection.</summary>
    public void End(Guid instanceId, int exitCode)
    {
        Runs[instanceId] = Runs[instanceId] with { Phase = RunRecordPhase.Exited, ExitCode = exitCode, EndedAt = DateTimeOffset.UtcNow };
        Tell(new KeeperMessage { Run = Runs[instanceId] });
    }

    /// <summary>Sends a message to every connection.</summary>
    public void Tell(KeeperMessage message) => TellRaw(Line(message));

    public void TellRaw(byte[] line)
    {
        foreach (var connection in _connections.Keys)
        {
            Send(connection, line);
        }
    }

    public void DropConnections()
    {
        foreach (var connection in _connections.Keys)
        {
            WhileOpen(connection, () => connection.Shutdown(SocketShutdown.Both));
        }
    }

    public static RunRecord Record(Guid instanceId, long epoch, RunRecordPhase phase) => new()
    {
        InstanceId = instanceId,
        Epoch = epoch,
        Phase = phase,
        Pid = 4711,
        StartTicks = 1,
        BootId = "boot",
        StartedAt = DateTimeOffset.UtcNow,
    };

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        DropConnections();
        await Task.WhenAll(_serving);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync();
                _connections[connection] = true;
                _serving.Add(Task.Run(() => ServeAsync(connection)));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            using var reader = new StreamReader(new NetworkStream(connection));
            while (await reader.ReadLineAsync() is { } line)
            {
                var request = JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperRequest)!;
                Requests.Enqueue(request);
                var reply = Script(request) ?? Reply(request);
                if (!ReferenceEquals(reply, NoReply))
                {
                    Send(connection, Line(reply with { Seq = request.Seq }));
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The client has gone.
        }
        finally
        {
            WhileOpen(connection, () =>
            {
                _connections.TryRemove(connection, out _);
                connection.Dispose();
            });
        }
    }

    private KeeperMessage Reply(KeeperRequest request) => request switch
    {
        HelloRequest => new KeeperMessage { Keeper = new KeeperIdentity(Version, Environment.ProcessId, "boot") },
        ListRequest list => new KeeperMessage { Runs = [.. Runs.Values.OrderBy(run => run.InstanceId).Where(run => list.After is null || run.InstanceId.CompareTo(list.After.Value) > 0).Take(KeeperProtocol.ListPage)] },
        StartRequest start => Start(start),
        StopRequest stop when Runs.ContainsKey(stop.InstanceId) => Set(stop.InstanceId, stop.Epoch, RunRecordPhase.Stopping),
        StopRequest stop => new KeeperMessage { Run = Runs[stop.InstanceId] = Record(stop.InstanceId, stop.Epoch, RunRecordPhase.Exited) with { Pid = 0 } },
        PauseRequest pause => Set(pause.InstanceId, pause.Epoch, RunRecordPhase.Paused),
        ResumeRequest resume => Set(resume.InstanceId, resume.Epoch, RunRecordPhase.Running),
        AcknowledgeRequest acknowledge => Acknowledge(acknowledge.InstanceId),
        RemoveRequest remove => Remove(remove.InstanceId),
        _ => new KeeperMessage(),
    };

    private KeeperMessage Start(StartRequest start)
    {
        var known = Runs.GetValueOrDefault(start.InstanceId);
        if (known is not null && known.Epoch > start.Epoch)
        {
            return new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Stale, "stale"), Run = known };
        }

        return known?.Epoch == start.Epoch ? new KeeperMessage { Run = known } : Set(start.InstanceId, start.Epoch, RunRecordPhase.Running);
    }

    private KeeperMessage Set(Guid instanceId, long epoch, RunRecordPhase phase)
    {
        var known = Runs.GetValueOrDefault(instanceId);
        return new KeeperMessage
        {
            Run = Runs[instanceId] = known?.Epoch == epoch ? known with { Phase = phase } : Record(instanceId, epoch, phase),
        };
    }

    private KeeperMessage Acknowledge(Guid instanceId) => Runs.TryGetValue(instanceId, out var run)
        ? new KeeperMessage { Run = Runs[instanceId] = run with { Acknowledged = true } }
        : new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Unknown, "unknown") };

    private KeeperMessage Remove(Guid instanceId)
    {
        Runs.TryRemove(instanceId, out _);
        return new KeeperMessage();
    }

    private static byte[] Line(KeeperMessage message) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(message, KeeperJson.Default.KeeperMessage), (byte)'\n'];

    private void Send(Socket connection, byte[] line) => WhileOpen(connection, () => connection.Send(line));

    /// <summary>The client may go at any moment, and its socket with it: nothing is done to one that has gone.</summary>
    private void WhileOpen(Socket connection, Action act)
    {
        lock (connection)
        {
            if (_connections.ContainsKey(connection))
            {
                act();
            }
        }
    }
}
