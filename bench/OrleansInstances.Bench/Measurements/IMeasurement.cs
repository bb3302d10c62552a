using OrleansInstances.Bench.Figures;
using OrleansInstances.Bench.Processes;

namespace OrleansInstances.Bench.Measurements;

/// <summary>One thing that is measured, together with its floor.</summary>
internal interface IMeasurement
{
    /// <summary>What <c>--only</c> calls it.</summary>
    string Name { get; }

    /// <summary>Warms up, then measures.</summary>
    /// <param name="gateway">Fresh, with no instance; whatever is left there is removed with it.</param>
    /// <param name="cancel">Ctrl-C.</param>
    Task<IReadOnlyList<Figure>> MeasureAsync(GatewayProcess gateway, CancellationToken cancel);
}
