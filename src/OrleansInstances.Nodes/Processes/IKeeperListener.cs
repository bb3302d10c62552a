using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Processes;

/// <summary>Hears what the keeper says of runs, one call after the other in the order it was said. Must not wait.</summary>
internal interface IKeeperListener
{
    /// <summary>A run as a reply carries it; who asked gets the reply as well, after this call.</summary>
    void Replied(RunRecord run);

    /// <summary>A run ended.</summary>
    void Noticed(RunRecord run);

    /// <summary>A console that was watched passed the offset asked for.</summary>
    void OutputGrew(OutputNotice notice);

    /// <summary>All runs that the keeper has, after a connect.</summary>
    void Listed(IReadOnlyList<RunRecord> runs);
}
