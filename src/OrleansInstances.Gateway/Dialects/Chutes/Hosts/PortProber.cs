using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Hosts;

/// <summary>Asks with real sockets: <c>test</c> is answered by <c>IV|CIPHERTEXT</c> of <c>response from PROTO INTERNAL_PORT</c>.</summary>
internal sealed class PortProber(HostPolicy hosts, TimeProvider time) : IPortProber
{
    private const int LongestAnswer = 4096;

    private static readonly TimeSpan AtMost = TimeSpan.FromSeconds(10);
    private static readonly byte[] Question = "test"u8.ToArray();

    public async Task<bool> AnswersAsync(string host, PortMapping port, string key, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(AtMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await hosts.ResolveAsync(host, either.Token) is [var address, ..]
                && await AskAsync(new IPEndPoint(address, port.ExternalPort), port, key, either.Token);
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private static async Task<bool> AskAsync(IPEndPoint at, PortMapping port, string key, CancellationToken cancellationToken)
    {
        var isUdp = port.Proto == "udp";
        using var socket = isUdp
            ? new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(at, cancellationToken);
        await socket.SendAsync(Question, cancellationToken);

        // What answers need not close the connection: each piece is looked at.
        var answer = new byte[LongestAnswer];
        for (var length = 0; length < answer.Length;)
        {
            var taken = await socket.ReceiveAsync(answer.AsMemory(length), cancellationToken);
            length += taken;
            if (IsRight(Encoding.ASCII.GetString(answer, 0, length), port, key))
            {
                return true;
            }

            if (taken == 0 || isUdp)
            {
                return false;
            }
        }

        return false;
    }

    private static bool IsRight(string answer, PortMapping port, string key) =>
        answer.Trim().Split('|') is [var iv, var ciphertext]
        && AesText.Decrypt(key, iv, ciphertext) == $"response from {port.Proto} {port.InternalPort}";
}
