using OrleansInstances.Keeper.Connections;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Console;

/// <summary>
/// Clients that want to know when a console passes an offset. Each is told once and then asks again, so a reader that is
/// slower than the program costs one notice a turn of its own and nothing is ever queued for it.
/// </summary>
internal sealed class OutputWatches(Guid instanceId)
{
    private readonly List<(Connection Client, long From)> _watches = [];

    /// <summary>Tells <paramref name="client"/> when the console is longer than <paramref name="from"/>; replaces its earlier watch.</summary>
    public void Add(Connection client, long from, long end)
    {
        _watches.RemoveAll(watch => watch.Client == client || !watch.Client.IsOpen);
        _watches.Add((client, from));
        Tell(end);
    }

    /// <summary>Tells those whose offset the console has passed.</summary>
    public void Tell(long end)
    {
        for (var i = _watches.Count - 1; i >= 0; i--)
        {
            var (client, from) = _watches[i];
            if (from < end)
            {
                _watches.RemoveAt(i);
                client.Send(new KeeperMessage { Output = new OutputNotice(instanceId, end) });
            }
        }
    }
}
