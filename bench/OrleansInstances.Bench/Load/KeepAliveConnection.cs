using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansInstances.Bench.Load;

/// <summary>
/// One HTTP/1.1 connection on a bare socket, one request at a time: on few cores the client takes its share of them,
/// and HttpClient would take several times as much.
/// </summary>
internal sealed class KeepAliveConnection : IDisposable
{
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] LastChunk = "0\r\n\r\n"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _received = new byte[64 * 1024];

    public static byte[] Get(Uri address, string path, string key) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\nX-API-Key: {key}\r\n\r\n");

    public async Task ConnectAsync(Uri address, CancellationToken cancel) =>
        await _socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port, cancel);

    /// <summary>Sends a request and reads the answer.</summary>
    /// <returns>Bytes of the body, chunk sizes included.</returns>
    /// <exception cref="HttpRequestException">Any status but 200, or an answer that does not fit 64 KiB.</exception>
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancel)
    {
        await _socket.SendAsync(request, cancel);
        var length = 0;
        while (true)
        {
            var read = await _socket.ReceiveAsync(_received.AsMemory(length), cancel);
            length += read;
            if (read == 0)
            {
                throw new HttpRequestException($"The answer ended after {length} bytes.");
            }

            if (TryReadAnswer(_received.AsSpan(0, length), out var body))
            {
                return body;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private static bool TryReadAnswer(ReadOnlySpan<byte> received, out int body)
    {
        body = 0;
        var head = received.IndexOf(EndOfHead);
        if (head < 0)
        {
            return false;
        }

        if (!received.StartsWith("HTTP/1.1 200 "u8))
        {
            throw new HttpRequestException(Encoding.UTF8.GetString(received));
        }

        body = received.Length - head - EndOfHead.Length;
        return ContentLength(received[..head]) is { } expected ? body >= expected : received.EndsWith(LastChunk);
    }

    private static int? ContentLength(ReadOnlySpan<byte> head)
    {
        var name = "Content-Length: "u8;
        var start = head.IndexOf(name);
        if (start < 0)
        {
            return null;
        }

        var value = 0;
        foreach (var digit in head[(start + name.Length)..])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                break;
            }

            value = (value * 10) + digit - '0';
        }

        return value;
    }
}
