using System.Collections.Frozen;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>What is known of a kind of GPU.</summary>
/// <param name="EstimateSeconds">How long the work of a challenge takes it.</param>
/// <param name="Iterations">Of that work.</param>
/// <param name="VramGb">Its memory.</param>
public sealed record GpuKind(int EstimateSeconds, int Iterations, int VramGb)
{
    /// <summary>How much longer than the estimate a proof may take.</summary>
    private const double Patience = 2.15;

    /// <summary>A proof that comes this long after the claim is too late.</summary>
    public TimeSpan Deadline => TimeSpan.FromSeconds(EstimateSeconds * Patience);
}

/// <summary>The kinds of GPU that chutes and miners may name.</summary>
public static class GpuTable
{
    public static FrozenDictionary<string, GpuKind> Kinds { get; } = new Dictionary<string, GpuKind>
    {
        ["3090"] = new(70, 1, 24),
        ["4090"] = new(65, 2, 24),
        ["5090"] = new(60, 2, 32),
        ["a4000"] = new(75, 1, 16),
        ["a4000_ada"] = new(80, 1, 20),
        ["a5000"] = new(92, 1, 24),
        ["a6000"] = new(140, 1, 48),
        ["a6000_ada"] = new(60, 1, 48),
        ["pro_6000"] = new(103, 1, 96),
        ["l4"] = new(85, 1, 24),
        ["a10"] = new(82, 1, 24),
        ["a40"] = new(142, 1, 48),
        ["l40"] = new(60, 1, 48),
        ["l40s"] = new(60, 1, 48),
        ["a100_40gb"] = new(60, 4, 40),
        ["a100_40gb_sxm"] = new(60, 4, 40),
        ["a100"] = new(58, 2, 80),
        ["a100_sxm"] = new(70, 3, 80),
        ["h100"] = new(62, 2, 80),
        ["h100_nvl"] = new(75, 3, 96),
        ["h100_sxm"] = new(70, 5, 80),
        ["h800"] = new(75, 3, 80),
        ["h20"] = new(300, 1, 96),
        ["h200"] = new(70, 3, 140),
        ["mi300x"] = new(75, 2, 192),
        ["b200"] = new(75, 2, 192),
    }.ToFrozenDictionary();

    /// <summary>Whether a GPU of this kind may run a chute with these wishes.</summary>
    public static bool Fits(NodeSelector selector, string gpu) =>
        Kinds.TryGetValue(gpu, out var kind)
        && kind.VramGb >= selector.MinVramGbPerGpu
        && (selector.Include.IsEmpty || selector.Include.Contains(gpu))
        && !selector.Exclude.Contains(gpu);
}
