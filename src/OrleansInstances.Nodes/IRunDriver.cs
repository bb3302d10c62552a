using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;

namespace OrleansInstances.Nodes;

/// <summary>What carries orders to runs out, and says how a run is in the words that the keeper says it in.</summary>
internal interface IRunDriver
{
    /// <summary>Gives the reply, refusals included. What it says of a run, the runtime's listener has heard by then.</summary>
    /// <exception cref="KeeperUnavailableException">There is no reply.</exception>
    Task<KeeperMessage> RequestAsync(KeeperRequest request);
}
