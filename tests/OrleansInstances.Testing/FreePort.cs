using System.Net;
using System.Net.Sockets;

namespace OrleansInstances.Testing;

/// <summary>Ports for what a test starts.</summary>
public static class FreePort
{
    /// <summary>A port of this machine that nothing listens on right now.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
