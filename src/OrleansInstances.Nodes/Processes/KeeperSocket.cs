using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using OrleansInstances.Keeper;

namespace OrleansInstances.Nodes.Processes;

/// <summary>Connects to the keeper's socket of a data folder.</summary>
internal static class KeeperSocket
{
    /// <summary>What sockaddr_un holds, less the closing zero (unix(7)).</summary>
    private const int MaxAddressBytes = 107;

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<Socket> ConnectAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var path = InstanceFolder.KeeperSocket(dataFolder);
        using var folder = System.Text.Encoding.UTF8.GetByteCount(path) > MaxAddressBytes ? OpenFolder(dataFolder) : null;
        if (folder is not null)
        {
            path = $"/proc/self/fd/{folder.DangerousGetHandle()}/{Path.GetFileName(path)}";
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SafeFileHandle OpenFolder(string folder) =>
        Posix.OpenFolder(folder, out var errno) ?? throw new IOException($"The data folder {folder} can't be opened (errno {errno}).");
}
