using OrleansInstances.Nodes;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Errors;

/// <summary>
/// Whether a call of a grain that failed was carried out. What callers get from Orleans (its MessageCenter, CallbackData,
/// SiloConnection and LocalGrainDirectory):
/// <list type="bullet">
/// <item>The grain's silo is stopping, is a newer one at the same address, or can't be connected to: <see cref="OrleansMessageRejectionException"/>
/// itself. Nobody has taken the call.</item>
/// <item>The silo dies, or the connection to it breaks, with the call on its way or in its turn: <see cref="SiloUnavailableException"/>, at the
/// latest when the cluster declares the silo dead; <see cref="TimeoutException"/> when that takes longer than the response timeout. A call to a
/// silo that is known to be dead, which is not even sent, looks the same; so does what is under way when this silo stops.</item>
/// <item>The grain directory is changing hands: a bare <see cref="OrleansException"/>.</item>
/// <item>A node has no silo now: <see cref="NodeUnreachableException"/>, of our own placement.</item>
/// </list>
/// Orleans sends none of them a second time.
/// </summary>
internal static class CallFault
{
    /// <summary>The call never reached the grain: nothing was done.</summary>
    public static bool WasNotTaken(Exception error) =>
        error is NodeUnreachableException or (OrleansMessageRejectionException and not SiloUnavailableException);

    /// <summary>The way to the grain broke off or never was there; a next call may find it elsewhere.</summary>
    public static bool LostTheWay(Exception error) =>
        error is OrleansMessageRejectionException || (error.GetType() == typeof(OrleansException) && error.InnerException is null);

    /// <summary>The call may have been carried out, or still be.</summary>
    public static bool LeavesItOpen(Exception error) =>
        error is TimeoutException or StorageOutcomeUnknownException || (LostTheWay(error) && !WasNotTaken(error));
}
