using System.Text.Json;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Connections;

/// <summary>One client: requests in, lines of JSON; replies and notices out, held back in memory up to a bound.</summary>
internal sealed partial class Connection
{
    private const int MaxUnsentBytes = 8 * 1024 * 1024;

    private readonly int _fd;
    private readonly Action<Connection, KeeperRequest> _handle;
    private readonly Action<Connection> _closed;
    private readonly KeeperLog _logger;
    private readonly Watch _watch;
    private readonly LineBuffer _input = new();
    private readonly Queue<byte[]> _unsent = new();
    private int _unsentBytes;
    private int _sentOfFirst;

    /// <param name="fd">Non-blocking; owned.</param>
    /// <param name="closed">Called once, when the connection has ended for whatever reason.</param>
    public Connection(int fd, EventLoop loop, KeeperLog logger, Action<Connection, KeeperRequest> handle, Action<Connection> closed)
    {
        _fd = fd;
        _logger = logger;
        _handle = handle;
        _closed = closed;
        _watch = loop.Watch(fd, PollEvents.In, OnEvents);
    }

    public bool IsOpen { get; private set; } = true;

    /// <summary>It gets notices.</summary>
    public bool SaidHello { get; set; }

    public bool HasUnsent => _unsent.Count > 0;

    /// <summary>Sends now what the socket takes, the rest when it takes more. Nothing on a closed connection.</summary>
    public void Send(KeeperMessage message)
    {
        if (!IsOpen)
        {
            return;
        }

        var line = KeeperJson.Line(message);
        if (_unsentBytes + line.Length > MaxUnsentBytes)
        {
            // Its client has stopped reading; it learns everything from a list when it connects again.
            LogTooSlow(_unsentBytes);
            Close();
            return;
        }

        _unsent.Enqueue(line);
        _unsentBytes += line.Length;
        if (_unsent.Count == 1)
        {
            SendUnsent();
        }
    }

    /// <summary>Says what is wrong and ends the connection.</summary>
    public void Reject(long seq, string code, string message)
    {
        Send(new KeeperMessage { Seq = seq, Error = new KeeperError(code, message) });
        Close();
    }

    /// <summary>Gives the descriptor away; this connection is over, and the descriptor stays open.</summary>
    public int Detach()
    {
        Leave();
        return _fd;
    }

    public void Close()
    {
        if (IsOpen)
        {
            Leave();
            Posix.Close(_fd);
        }
    }

    private void Leave()
    {
        IsOpen = false;
        _watch.Dispose();
        _unsent.Clear();
        _closed(this);
    }

    private void OnEvents(PollEvents events)
    {
        if (events.HasFlag(PollEvents.Out))
        {
            SendUnsent();
        }

        if (IsOpen && (events & (PollEvents.In | PollEvents.HangUp | PollEvents.Error)) != 0)
        {
            Receive();
        }
    }

    private void Receive()
    {
        var errno = Posix.TryRead(_fd, _input.Free(), out var read);
        if (errno == Errno.WouldBlock)
        {
            return;
        }

        if (errno != 0 || read == 0)
        {
            Close();
            return;
        }

        _input.Received(read);
        while (IsOpen && _input.TryTakeLine(out var line))
        {
            HandleLine(line);
        }

        if (IsOpen && _input.IsTooLong)
        {
            Reject(0, KeeperErrorCodes.Protocol, $"A line is longer than {KeeperProtocol.MaxLineBytes} bytes.");
        }
    }

    private void HandleLine(ReadOnlySpan<byte> line)
    {
        KeeperRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperRequest);
        }
        catch (Exception unreadable) when (unreadable is JsonException or NotSupportedException)
        {
            Reject(0, KeeperErrorCodes.Protocol, $"Unreadable message: {unreadable.Message}");
            return;
        }

        if (request is null)
        {
            Reject(0, KeeperErrorCodes.Protocol, "Unreadable message: null.");
            return;
        }

        _handle(this, request);
    }

    private void SendUnsent()
    {
        while (_unsent.TryPeek(out var first))
        {
            var errno = Posix.TrySend(_fd, first.AsSpan(_sentOfFirst), out var sent);
            if (errno != 0)
            {
                if (errno == Errno.WouldBlock)
                {
                    _watch.Change(PollEvents.In | PollEvents.Out);
                }
                else
                {
                    Close();
                }

                return;
            }

            _sentOfFirst += sent;
            _unsentBytes -= sent;
            if (_sentOfFirst == first.Length)
            {
                _unsent.Dequeue();
                _sentOfFirst = 0;
            }
        }

        _watch.Change(PollEvents.In);
    }
}
