using Orleans.Runtime;
using OrleansInstances.EmbeddedEngine.Calls;

namespace OrleansInstances.EmbeddedEngine.Manifest;

/// <summary>A grain interface and the classes behind it.</summary>
internal sealed record GrainInterface(Type Type, IReadOnlyList<GrainClass> Classes, Func<GrainId, Silo, GrainProxy> Create)
{
    /// <exception cref="ArgumentException">No class implements the interface, or several do.</exception>
    public GrainType GrainType => Classes switch
    {
        [var only] => only.GrainType,
        [] => throw new ArgumentException($"Could not find an implementation for interface {Type}."),
        _ => throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {Type}. Candidates: {string.Join(", ", Classes.Select(x => x.GrainType))}."),
    };
}
