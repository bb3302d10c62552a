using System.Globalization;
using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes;

/// <summary>Under which registration of the node runs begin, and until when the keeper may let <c>move</c> runs live.</summary>
internal sealed class NodeLease(KeeperClient keeper, TimeProvider time)
{
    /// <summary>A registration that no node ever has: its lease takes the place of any other, and is over.</summary>
    private const string Fenced = "fenced";

    /// <summary>Not 0, at which a timer doesn't ring.</summary>
    private const long Past = 1;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private long _incarnation;

    /// <summary>0 while the node is not registered.</summary>
    public long Incarnation
    {
        get => Volatile.Read(ref _incarnation);
        set => Volatile.Write(ref _incarnation, value);
    }

    /// <summary>How the keeper is told of a registration.</summary>
    public static string NameOf(long incarnation) => incarnation.ToString(CultureInfo.InvariantCulture);

    /// <summary>Why a start that was meant for <paramref name="incarnation"/> can't be taken here; null when it can.</summary>
    public Refusal? Refuse(long incarnation) => Incarnation switch
    {
        var mine when mine == incarnation => null,
        0 => new Refusal(RefusalKind.Unavailable, "node_joining", "The node is not registered yet."),
        var mine => new Refusal(RefusalKind.Conflict, NodeReply.StaleIncarnation, $"The start was meant for registration {incarnation} of the node, which is at {mine}."),
    };

    /// <summary>Why a start must not go to the keeper any more; null when it may.</summary>
    public string? Refuse(StartRequest start) => start.Incarnation == NameOf(Incarnation)
        ? null
        : "The node was registered anew before it could be started.";

    /// <summary>Lets the keeper keep <c>move</c> runs until then; null when it has stored that.</summary>
    /// <param name="untilMs">CLOCK_BOOTTIME of this machine.</param>
    public async Task<Refusal?> ExtendAsync(long incarnation, long untilMs)
    {
        try
        {
            var reply = await keeper.RequestAsync(new LeaseRequest(NameOf(incarnation), untilMs)).ConfigureAwait(false);
            return reply.Error is { } error ? new Refusal(RefusalKind.Unavailable, error.Code, error.Message) : null;
        }
        catch (KeeperUnavailableException e)
        {
            return new Refusal(RefusalKind.Unavailable, "keeper_unavailable", e.Message);
        }
    }

    /// <summary>Ends the registration: no start is taken until the next one. Has all <c>move</c> runs killed and completes when none is alive.</summary>
    public async Task FenceAsync(CancellationToken cancellationToken)
    {
        Incarnation = 0;
        while (!await TryFenceAsync().ConfigureAwait(false))
        {
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryFenceAsync()
    {
        try
        {
            // A keeper too old to know of leases has no run that may move.
            var reply = await keeper.RequestAsync(new LeaseRequest(Fenced, Past)).ConfigureAwait(false);
            return reply.Error is null or { Code: KeeperErrorCodes.Protocol }
                && (await keeper.ListAsync().ConfigureAwait(false)).All(run => !run.Move || run.HasEnded);
        }
        catch (KeeperUnavailableException)
        {
            return false;
        }
    }
}
