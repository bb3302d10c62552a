using System.Net.Sockets;
using OrleansInstances.Keeper;

namespace OrleansInstances.Nodes.Processes;

/// <summary>Connects to the keeper's socket of a data folder.</summary>
internal static class KeeperSocket
{
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="IOException">The folder can't be opened.</exception>
    public static async Task<Socket> ConnectAsync(string dataFolder, CancellationToken cancellationToken)
    {
        using var address = KeeperAddress.Open(dataFolder);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address.EndPoint, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
