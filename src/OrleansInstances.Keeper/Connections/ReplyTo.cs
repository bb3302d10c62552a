using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Connections;

/// <summary>Where the answer to one request goes.</summary>
internal readonly record struct ReplyTo(Connection Connection, long Seq)
{
    public void Send(KeeperMessage message) => Connection.Send(message with { Seq = Seq });
}
