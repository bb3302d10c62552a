using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text.Json;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Processes;

/// <summary>One connection to the keeper: sends requests, pairs replies with them, and hands every message on in the order of the socket.</summary>
internal sealed class KeeperConnection : IAsyncDisposable
{
    /// <summary>How many requests may wait for their reply; more wait for a place.</summary>
    private const int MaxInFlight = 256;

    private const byte EndOfLine = (byte)'\n';
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromSeconds(10);

    private readonly NetworkStream _stream;
    private readonly Action<KeeperMessage> _received;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<KeeperMessage>> _waiting = new();
    private readonly SemaphoreSlim _places = new(MaxInFlight);
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private readonly Utf8JsonWriter _json;
    private long _lastSeq;
    private volatile string? _closedBecause;

    /// <param name="socket">Connected; owned by the connection from now on.</param>
    /// <param name="received">Called for every message, one after the other, before the request's own task completes.</param>
    public KeeperConnection(Socket socket, Action<KeeperMessage> received, TimeProvider time)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _received = received;
        _time = time;
        _json = new Utf8JsonWriter(_line);
        Closed = Task.Run(ReadAsync);
    }

    /// <summary>Completes with the reason once nothing more will come.</summary>
    public Task<string> Closed { get; }

    /// <summary>What the keeper understands, as it said in its reply to hello.</summary>
    public int Version { get; set; } = 1;

    /// <summary>Sends a request and gives its reply, errors of the keeper included; one that it would not understand is refused here.</summary>
    /// <exception cref="KeeperUnavailableException">There was no reply within 10 s, or the connection ended before it.</exception>
    public async Task<KeeperMessage> RequestAsync(KeeperRequest request)
    {
        if (KeeperProtocol.VersionFor(request) > Version)
        {
            return TooOld(request, Version);
        }

        if (!await _places.WaitAsync(ReplyTimeout).ConfigureAwait(false))
        {
            throw new KeeperUnavailableException($"{MaxInFlight} requests to the keeper wait for a reply already.", outcomeUnknown: false);
        }

        var seq = Interlocked.Increment(ref _lastSeq);
        var reply = new TaskCompletionSource<KeeperMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[seq] = reply;
        try
        {
            if (await SendAsync(request with { Seq = seq }).ConfigureAwait(false) is { } tooLong)
            {
                return tooLong;
            }

            return await reply.Task.WaitAsync(ReplyTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new KeeperUnavailableException(
                $"The keeper did not reply within {ReplyTimeout.TotalSeconds} s; the outcome is unknown.", outcomeUnknown: true);
        }
        finally
        {
            _waiting.TryRemove(seq, out _);
            _places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await Closed.ConfigureAwait(false);
    }

    private async Task<KeeperMessage?> SendAsync(KeeperRequest request)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_closedBecause is { } reason)
            {
                throw new KeeperUnavailableException(reason, outcomeUnknown: false);
            }

            _line.ResetWrittenCount();
            _json.Reset(_line);
            JsonSerializer.Serialize(_json, request, KeeperJson.Default.KeeperRequest);
            _line.Write([EndOfLine]);
            if (_line.WrittenCount > KeeperProtocol.MaxLineBytes)
            {
                return TooLong(_line.WrittenCount);
            }

            var write = _stream.WriteAsync(_line.WrittenMemory);
            if (!write.IsCompletedSuccessfully)
            {
                await write.AsTask().WaitAsync(ReplyTimeout, _time).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or TimeoutException)
        {
            // Half a line may be out: what follows it could not be read, so the connection is of no more use.
            await _stream.DisposeAsync().ConfigureAwait(false);
            throw new KeeperUnavailableException($"The keeper can't be written to: {e.Message}", outcomeUnknown: true);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>What a keeper of this version can't be asked.</summary>
    public static KeeperMessage TooOld(KeeperRequest request, int version) => new()
    {
        Error = new KeeperError(
            KeeperErrorCodes.Protocol,
            $"The keeper that runs here speaks version {version}, and this takes version {KeeperProtocol.VersionFor(request)}. The newer keeper takes over once this one was told to stop everything and end."),
    };

    private static KeeperMessage TooLong(int bytes) => new()
    {
        Error = new KeeperError(
            KeeperErrorCodes.Protocol,
            $"The order takes {bytes} bytes; the keeper reads at most {KeeperProtocol.MaxLineBytes}."),
    };

    private async Task<string> ReadAsync()
    {
        var pipe = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        var reason = "The keeper closed the connection.";
        try
        {
            var atEnd = false;
            while (!atEnd)
            {
                var result = await pipe.ReadAsync().ConfigureAwait(false);
                var rest = result.Buffer;
                while (rest.PositionOf(EndOfLine) is { } end)
                {
                    Receive(rest.Slice(0, end));
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                if (rest.Length > KeeperProtocol.MaxLineBytes)
                {
                    throw new InvalidDataException($"a line of more than {KeeperProtocol.MaxLineBytes} bytes");
                }

                pipe.AdvanceTo(rest.Start, rest.End);
                atEnd = result.IsCompleted;
            }
        }
        catch (Exception e)
        {
            // Whatever it was, the place in the stream is lost; who opened the connection tells why and opens another.
            reason = $"The connection to the keeper broke: {e.Message}";
        }
        finally
        {
            await pipe.CompleteAsync().ConfigureAwait(false);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }

        EndWaiting(reason);
        return reason;
    }

    private void EndWaiting(string reason)
    {
        _closedBecause = reason;
        foreach (var reply in _waiting.Values)
        {
            reply.TrySetException(new KeeperUnavailableException($"{reason} The outcome is unknown.", outcomeUnknown: true));
        }
    }

    private void Receive(ReadOnlySequence<byte> line)
    {
        var json = new Utf8JsonReader(line);
        var message = JsonSerializer.Deserialize(ref json, KeeperJson.Default.KeeperMessage)
            ?? throw new InvalidDataException("an empty message");
        _received(message);
        if (_waiting.TryGetValue(message.Seq, out var reply))
        {
            reply.TrySetResult(message);
        }
    }
}
