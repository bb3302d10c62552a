using System.Net;
using Orleans.Runtime.Placement;

namespace OrleansInstances.Engines.Tests.Grains;

/// <summary>Places grains as their keys say: "refuses…" nowhere, at first; "elsewhere…" where no silo is; all others here.</summary>
public sealed class ScriptedPlacement : IPlacementDirector
{
    /// <summary>What it says to a grain that it has no place for.</summary>
    public const string Refusal = "no place today";

    public async Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var key = target.GrainIdentity.Key.ToString()!;
        Journal.Note(key, $"place by {strategy.GetType().Name} among {context.GetCompatibleSilos(target).Length}");
        await Task.Yield();
        return key switch
        {
            _ when key.StartsWith("refuses", StringComparison.Ordinal) && Journal.Of(key).Length == 1 => throw new PlacementRefusedException(Refusal),
            _ when key.StartsWith("elsewhere", StringComparison.Ordinal) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 7),
            _ => context.LocalSilo,
        };
    }
}

/// <summary>What a director may say.</summary>
[GenerateSerializer]
[Immutable]
[Alias("test.PlacementRefusedException")]
public sealed class PlacementRefusedException(string message) : Exception(message);
