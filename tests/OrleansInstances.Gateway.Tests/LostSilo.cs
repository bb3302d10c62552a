using System.Reflection;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests;

/// <summary>What callers get when the silo of a grain is lost.</summary>
internal static class LostSilo
{
    /// <summary>The call never got there. Only Orleans makes these, so its constructor is not public.</summary>
    public static Exception NotTaken { get; } = (Exception)Activator.CreateInstance(
        typeof(OrleansMessageRejectionException), BindingFlags.Instance | BindingFlags.NonPublic, binder: null, ["Silo stopping"], culture: null)!;

    /// <summary>The silo died with the call on its way, or in its turn.</summary>
    public static Exception InFlight { get; } = new SiloUnavailableException("The target silo became unavailable.");

    public static Exception DirectoryMoving { get; } = new OrleansException("Current directory is not stable to perform the lookup. Retry later.");

    /// <summary>There is nowhere to send the call to.</summary>
    public static Exception NodeAway { get; } = new NodeUnreachableException("n1");

    public static Exception Of(string name) => name switch
    {
        nameof(NotTaken) => NotTaken,
        nameof(InFlight) => InFlight,
        nameof(DirectoryMoving) => DirectoryMoving,
        nameof(NodeAway) => NodeAway,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
