using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Interop;

/// <summary>What to execute and what it gets.</summary>
/// <param name="Program">Path of the file, absolute.</param>
/// <param name="Arguments">From the program's own name on.</param>
/// <param name="Environment">The whole of it, <c>NAME=value</c> each.</param>
/// <param name="Cwd">Absolute.</param>
internal sealed record SpawnOrder(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string Cwd)
{
    /// <summary>Null is the keeper's own.</summary>
    public RunUser? User { get; init; }
}

/// <summary>The keeper's descriptors that the program gets as its 0, 1 and 2.</summary>
/// <param name="Gate">It gets this one as 3; null for none.</param>
/// <param name="Terminal">The device that it gets in place of the three, as its controlling terminal; null for none.</param>
internal readonly record struct SpawnDescriptors(int Stdin, int Stdout, int Stderr, int? Gate = null, string? Terminal = null);
