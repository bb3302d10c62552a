using Microsoft.CodeAnalysis;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>Types that never change once made: they may cross a grain call without being copied.</summary>
internal static class ImmutableTypes
{
    private static readonly HashSet<string> Plain =
    [
        "System.DateOnly", "System.DateTimeOffset", "System.Guid", "System.Half", "System.Int128", "System.TimeOnly", "System.TimeSpan",
        "System.UInt128", "System.Uri", "System.Version", "System.Net.IPAddress", "System.Numerics.BigInteger",
    ];

    private static readonly HashSet<string> OfArguments =
    [
        "System.Nullable`1", "System.ReadOnlyMemory`1", "System.Collections.Generic.KeyValuePair`2",
        "System.Collections.Immutable.ImmutableArray`1", "System.Collections.Immutable.ImmutableList`1",
        "System.Collections.Immutable.ImmutableHashSet`1", "System.Collections.Immutable.ImmutableSortedSet`1",
        "System.Collections.Immutable.ImmutableDictionary`2", "System.Collections.Immutable.ImmutableSortedDictionary`2",
        "System.Collections.Frozen.FrozenDictionary`2", "System.Collections.Frozen.FrozenSet`1",
    ];

    /// <summary>The part of a type that may change; null when there is none.</summary>
    public static ITypeSymbol? MutablePart(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Enum or TypeKind.Error } => null,
        { SpecialType: >= SpecialType.System_Boolean and <= SpecialType.System_String or SpecialType.System_DateTime } => null,
        INamedTypeSymbol { IsTupleType: true } tuple => Arguments(tuple),
        INamedTypeSymbol named when Plain.Contains(named.FullName()) => null,
        INamedTypeSymbol named when OfArguments.Contains(named.OriginalDefinition.FullName()) => Arguments(named),
        INamedTypeSymbol named when named.IsGrainInterface() || (named.Has(GrainSymbols.Immutable) && named.Has(GrainSymbols.GenerateSerializer)) => Arguments(named),
        _ => type,
    };

    private static ITypeSymbol? Arguments(INamedTypeSymbol type) => type.TypeArguments.Select(MutablePart).FirstOrDefault(x => x is not null);
}
