using System.Globalization;
using System.Net.Sockets;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper;

/// <summary>
/// Where the keeper of a data folder listens, in a form that fits a unix socket's 107 bytes however long the folder's path
/// is: through /proc/self/fd of the opened folder. Valid until it is disposed; a connection that was made stays.
/// </summary>
public sealed class KeeperAddress : IDisposable
{
    private readonly int _folder;

    private KeeperAddress(int folder)
    {
        _folder = folder;
        Path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{folder}/{System.IO.Path.GetFileName(InstanceFolder.KeeperSocket("/"))}");
    }

    /// <summary>For bind and connect of this process only.</summary>
    public string Path { get; }

    public UnixDomainSocketEndPoint EndPoint => new(Path);

    /// <exception cref="IOException">The folder can't be opened.</exception>
    public static KeeperAddress Open(string dataFolder) => new(Posix.Open(dataFolder, OpenFlags.PathOnly));

    public void Dispose() => Posix.Close(_folder);
}
