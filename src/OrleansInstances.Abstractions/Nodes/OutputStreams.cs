using OrleansInstances.Instances;

namespace OrleansInstances.Nodes;

/// <summary>
/// The output of watched instances on Orleans streams: items are <see cref="OutputSlice"/>, a stream's key is the
/// instance's Guid. The streams live in memory and may lose items; offsets tell, and what is missing can be read.
/// <see cref="OutputFollowing.FollowOutputAsync"/> does without and is both quicker and complete.
/// </summary>
public static class OutputStreams
{
    /// <summary>The stream provider's name.</summary>
    public const string Provider = "output";

    public const string Namespace = "output";

    /// <summary>
    /// Has an instance's output published for a while, from where <see cref="WatchReply.From"/> says. Call it again before
    /// that is over, and after a start elsewhere. Nobody is told how many watch; each renews for all.
    /// </summary>
    public static async Task<WatchReply> WatchOutputAsync(this IGrainFactory grains, Guid instanceId)
    {
        var reply = await grains.GetGrain<IInstanceGrain>(instanceId).GetAsync();
        return reply switch
        {
            { Instance.Node: { } node } => await grains.GetGrain<INodeGrain>(node).WatchOutputAsync(instanceId),
            { Instance: not null } => new WatchReply(new Refusal(RefusalKind.Conflict, "no_node", "The instance has no node yet."), 0, TimeSpan.Zero),
            _ => new WatchReply(reply.Refusal, 0, TimeSpan.Zero),
        };
    }
}

/// <summary>What came of asking for an instance's output to be published.</summary>
/// <param name="Refusal">Null when it is.</param>
/// <param name="From">The offset from which on it is; what lies before has to be read.</param>
/// <param name="For">How long, unless asked again.</param>
[GenerateSerializer, Immutable, Alias("oi.WatchReply")]
public sealed record WatchReply(
    [property: Id(0)] Refusal? Refusal,
    [property: Id(1)] long From,
    [property: Id(2)] TimeSpan For);
