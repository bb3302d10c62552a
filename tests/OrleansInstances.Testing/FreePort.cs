using System.Net;
using System.Net.Sockets;

namespace OrleansInstances.Testing;

/// <summary>Ports for what a test starts.</summary>
public static class FreePort
{
    /// <summary>
    /// Below those that a system gives to outgoing connections (32768 and up on Linux), which could take one before it is used, and
    /// below those of the scripts that start silos.
    /// </summary>
    private const int First = 10_000;
    private const int End = 20_000;

    private static int _last = Random.Shared.Next(End - First);

    /// <summary>A port of this machine that nothing listens on right now, for TCP or UDP, and that was not given before.</summary>
    public static int Find()
    {
        for (var tries = 0; tries < End - First; tries++)
        {
            var port = First + ((Interlocked.Increment(ref _last) & int.MaxValue) % (End - First));
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException("No port is free.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            using var socket = new UdpClient(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
