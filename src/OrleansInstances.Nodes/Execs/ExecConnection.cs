using System.Net.Sockets;
using System.Text.Json;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;

namespace OrleansInstances.Nodes.Execs;

/// <summary>A connection to the keeper for one command: its lines, and the descriptors that come with them.</summary>
internal sealed class ExecConnection : IDisposable
{
    private const int BufferBytes = 4096;
    private const int WouldBlock = 11;
    private const byte EndOfLine = (byte)'\n';
    private const int HelloSeq = 1;
    private const int ExecSeq = 2;

    private readonly Socket _socket;
    private readonly List<SafeSocketHandle> _descriptors = [];
    private byte[] _buffer = new byte[BufferBytes];
    private int _length;

    private ExecConnection(Socket socket)
    {
        _socket = socket;
    }

    /// <summary>Asks for a command; the keeper's answer to the request, or in its place why it can't understand it.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="SocketException">Nobody listens, or the connection broke.</exception>
    public static async Task<(ExecConnection Connection, KeeperMessage Reply)> OpenAsync(string dataFolder, ExecRequest request, CancellationToken cancellationToken)
    {
        var connection = new ExecConnection(await KeeperSocket.ConnectAsync(dataFolder, cancellationToken).ConfigureAwait(false));
        try
        {
            byte[] lines = [.. Line(new HelloRequest(KeeperProtocol.Version) { Seq = HelloSeq }), .. Line(request with { Seq = ExecSeq })];
            for (var sent = 0; sent < lines.Length;)
            {
                sent += await connection._socket.SendAsync(lines.AsMemory(sent), cancellationToken).ConfigureAwait(false);
            }

            var hello = await connection.ReceiveReplyAsync(HelloSeq, cancellationToken).ConfigureAwait(false);
            var version = hello.Keeper?.Version ?? 1;
            return (connection, hello.Error is not null ? hello
                : version < KeeperProtocol.VersionFor(request) ? KeeperConnection.TooOld(request, version)
                : await connection.ReceiveReplyAsync(ExecSeq, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The next message.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="SocketException">It broke.</exception>
    public async Task<KeeperMessage> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf(EndOfLine)) < 0)
        {
            // Waits until there is something; only recvmsg brings the descriptors.
            await _socket.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            Receive();
        }

        var message = JsonSerializer.Deserialize(_buffer.AsSpan(0, end), KeeperJson.Default.KeeperMessage) ?? throw new IOException("an empty message");
        _buffer.AsSpan(end + 1, _length - end - 1).CopyTo(_buffer);
        _length -= end + 1;
        return message;
    }

    /// <summary>Those that came; the caller's from now on.</summary>
    public IReadOnlyList<SafeSocketHandle> TakeDescriptors()
    {
        var taken = _descriptors.ToList();
        _descriptors.Clear();
        return taken;
    }

    public void Dispose()
    {
        _socket.Dispose();
        _descriptors.ForEach(descriptor => descriptor.Dispose());
    }

    /// <summary>The reply to a request, or why the keeper turns the connection away. Notices of runs come in between, as to everyone who said hello.</summary>
    private async Task<KeeperMessage> ReceiveReplyAsync(long seq, CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (message.Seq == seq || message.Error is not null)
            {
                return message;
            }
        }
    }

    private void Receive()
    {
        if (_length == _buffer.Length)
        {
            if (_length >= KeeperProtocol.MaxLineBytes)
            {
                throw new IOException($"a line of more than {KeeperProtocol.MaxLineBytes} bytes");
            }

            Array.Resize(ref _buffer, _length * 2);
        }

        Span<int> descriptors = stackalloc int[PassedDescriptors.Max];
        var errno = PassedDescriptors.TryReceive(_socket.SafeHandle, _buffer.AsSpan(_length), descriptors, out var read, out var count);
        foreach (var descriptor in descriptors[..count])
        {
            _descriptors.Add(new SafeSocketHandle(descriptor, ownsHandle: true));
        }

        if (errno != WouldBlock && (errno != 0 || read == 0))
        {
            throw new EndOfStreamException("The keeper closed the connection.");
        }

        _length += read;
    }

    private static byte[] Line(KeeperRequest request) => [.. JsonSerializer.SerializeToUtf8Bytes(request, KeeperJson.Default.KeeperRequest), EndOfLine];
}
