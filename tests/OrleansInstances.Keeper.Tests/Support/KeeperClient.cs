using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Tests.Support;

/// <summary>The smallest client of a keeper.</summary>
internal sealed class KeeperClient : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<KeeperMessage>> _replies = [];
    private readonly ConcurrentDictionary<(Guid, long), TaskCompletionSource<RunRecord>> _ends = [];
    private readonly Task _reading;
    private long _lastSeq;

    private KeeperClient(string dataFolder)
    {
        using var address = KeeperAddress.Open(dataFolder);
        try
        {
            _socket.Connect(address.EndPoint);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Notices that came, all of them.</summary>
    public ConcurrentQueue<RunRecord> Notices { get; } = [];

    /// <summary>The notices of consoles that grew, in their order.</summary>
    public Channel<OutputNotice> Outputs { get; } = Channel.CreateUnbounded<OutputNotice>();

    /// <exception cref="SocketException">Nobody listens.</exception>
    public static async Task<KeeperClient> ConnectAsync(string dataFolder)
    {
        var client = new KeeperClient(dataFolder);
        var hello = await client.SendAsync(new HelloRequest(KeeperProtocol.Version));
        Assert.Null(hello.Error);
        return client;
    }

    public async Task<KeeperMessage> SendAsync(KeeperRequest request)
    {
        var numbered = request with { Seq = Interlocked.Increment(ref _lastSeq) };
        var reply = _replies.GetOrAdd(numbered.Seq, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(numbered, KeeperJson.Default.KeeperRequest), (byte)'\n'];
        for (var sent = 0; sent < line.Length;)
        {
            sent += await _socket.SendAsync(line.AsMemory(sent));
        }

        return await Eventually.WithinDeadlineAsync(reply.Task, $"the reply to {request}");
    }

    /// <summary>The run that the request is about, which must not be refused.</summary>
    public async Task<RunRecord> RunAsync(KeeperRequest request)
    {
        var reply = await SendAsync(request);
        Assert.Null(reply.Error);
        return reply.Run!;
    }

    /// <summary>The notice that this run has ended, also one that came before.</summary>
    public Task<RunRecord> EndAsync(Guid instanceId, long epoch = 1) =>
        Eventually.WithinDeadlineAsync(End(instanceId, epoch).Task, $"the end of {instanceId} epoch {epoch}");

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _reading;
    }

    private TaskCompletionSource<RunRecord> End(Guid instanceId, long epoch) =>
        _ends.GetOrAdd((instanceId, epoch), _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ReadAsync()
    {
        try
        {
            using var lines = new StreamReader(new NetworkStream(_socket), Encoding.UTF8);
            while (await lines.ReadLineAsync() is { } line)
            {
                Take(JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperMessage)!);
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or SocketException)
        {
            foreach (var reply in _replies.Values)
            {
                reply.TrySetException(ended);
            }
        }
    }

    private void Take(KeeperMessage message)
    {
        if (message.Seq != 0)
        {
            _replies[message.Seq].SetResult(message);
        }
        else if (message.Output is { } output)
        {
            Outputs.Writer.TryWrite(output);
        }
        else if (message.Run is { } run)
        {
            Notices.Enqueue(run);
            End(run.InstanceId, run.Epoch).TrySetResult(run);
        }
    }
}
