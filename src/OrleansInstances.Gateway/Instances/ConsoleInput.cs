using OrleansInstances.Gateway.Errors;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Instances;

/// <summary>Gives input to what runs.</summary>
internal static class ConsoleInput
{
    /// <summary>The code of a refusal: there is nothing that could read it.</summary>
    public const string NotRunningCode = "not_running";

    /// <summary>The code of a refusal: the program doesn't read, so not all of it was taken.</summary>
    public const string FullCode = "input_full";

    private static readonly InputReply NotRunning = new(0, new Refusal(RefusalKind.Conflict, NotRunningCode, "The instance is not running."));

    private static readonly InputReply NodeAway = new(0, new Refusal(RefusalKind.Unavailable, "node_unreachable", "The instance's node can't be reached now."));

    /// <summary>Whether its node has a process tree of it.</summary>
    public static bool IsAlive(this InstanceSnapshot instance) =>
        instance.Status is InstanceStatus.Running or InstanceStatus.Pausing or InstanceStatus.Paused or InstanceStatus.Stopping;

    /// <summary>Offers the bytes as one: what is taken is taken in order and without another request's bytes in between.</summary>
    /// <param name="grains">The way to its node.</param>
    /// <param name="instance">Only to the run that it was in when it was read.</param>
    /// <param name="data">Any bytes.</param>
    /// <param name="close">Whether nothing follows; the program then reads end of file.</param>
    public static async Task<InputReply> OfferInputAsync(this IGrainFactory grains, InstanceSnapshot instance, ReadOnlyMemory<byte> data, bool close)
    {
        if (!instance.IsAlive())
        {
            return NotRunning;
        }

        var node = grains.GetGrain<INodeGrain>(instance.Node!);
        try
        {
            return await SecondTry.UntilTakenAsync(() => node.WriteInputAsync(new RunKey(instance.Id, instance.Epoch), data, close));
        }
        catch (Exception lost) when (CallFault.WasNotTaken(lost))
        {
            // A refusal, so that the sender is told what was taken before this.
            return NodeAway;
        }
    }
}
