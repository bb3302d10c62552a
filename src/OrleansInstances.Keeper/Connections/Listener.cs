using Microsoft.Extensions.Logging;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Connections;

/// <summary>Accepts clients of the keeper's own user and of root, a bounded number of them.</summary>
internal sealed partial class Listener
{
    private const int MaxConnections = 16;

    private static readonly TimeSpan PauseWhenOut = TimeSpan.FromMilliseconds(100);

    private readonly int _fd;
    private readonly EventLoop _loop;
    private readonly ILogger _logger;
    private readonly Action<Connection, KeeperRequest> _handle;
    private readonly List<Connection> _connections = [];
    private readonly Watch _watch;

    /// <summary>Takes over the data folder's socket; only the holder of the keeper's lock may.</summary>
    public Listener(string dataFolder, EventLoop loop, ILogger logger, Action<Connection, KeeperRequest> handle)
    {
        _loop = loop;
        _logger = logger;
        _handle = handle;

        File.Delete(InstanceFolder.KeeperSocket(dataFolder));
        using (var address = KeeperAddress.Open(dataFolder))
        {
            _fd = Posix.ListenUnix(address.Path, MaxConnections);
        }

        Posix.SetMode(InstanceFolder.KeeperSocket(dataFolder), FileModes.OwnerFile);
        _watch = loop.Watch(_fd, PollEvents.In, _ => Accept());
    }

    public bool HasUnsent => _connections.Exists(connection => connection.HasUnsent);

    /// <summary>Sends to everyone who said hello.</summary>
    public void Notify(KeeperMessage notice)
    {
        // A send may close its connection, which takes it off the list.
        foreach (var connection in _connections.FindAll(connection => connection.SaidHello))
        {
            connection.Send(notice);
        }
    }

    private void Accept()
    {
        var errno = Posix.TryAccept(_fd, out var fd);
        if (errno == 0)
        {
            Admit(new Connection(fd, _loop, _logger, _handle, closed => _connections.Remove(closed)), Posix.PeerUid(fd));
        }
        else if (errno is Errno.TooManyFiles or Errno.FileTableFull)
        {
            // The client keeps waiting in the backlog, so without a pause the loop would spin.
            LogOutOfDescriptors();
            _watch.Change(PollEvents.None);
            _loop.After(PauseWhenOut, () => _watch.Change(PollEvents.In));
        }
    }

    private void Admit(Connection connection, uint uid)
    {
        if (uid != 0 && uid != Posix.EffectiveUid())
        {
            LogForeignUser(uid);
            connection.Reject(0, KeeperErrorCodes.Protocol, "Only the keeper's own user and root may connect.");
        }
        else if (_connections.Count >= MaxConnections)
        {
            connection.Reject(0, KeeperErrorCodes.Failed, $"{MaxConnections} connections are open, and no more are allowed.");
        }
        else
        {
            _connections.Add(connection);
        }
    }
}
