using System.Net;
using System.Net.Sockets;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Brings connections to an address of this machine to a port of 127.0.0.1.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly int _to;
    private readonly Task _accepting;

    public Relay(string address, int to)
    {
        _to = to;
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task CarryAsync(TcpClient from)
    {
        using (from)
        using (var to = new TcpClient())
        {
            try
            {
                await to.ConnectAsync(IPAddress.Loopback, _to, _end.Token);
                var (near, far) = (from.GetStream(), to.GetStream());
                await Task.WhenAny(near.CopyToAsync(far, _end.Token), far.CopyToAsync(near, _end.Token));
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // Either side is gone, and so is the other.
            }
        }
    }
}
