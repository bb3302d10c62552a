using Microsoft.CodeAnalysis;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>Questions about symbols, in the words of the programming model.</summary>
internal static class GrainSymbols
{
    public const string Alias = "Orleans.AliasAttribute";
    public const string AlwaysInterleave = "Orleans.Concurrency.AlwaysInterleaveAttribute";
    public const string ApplicationPart = "Orleans.ApplicationPartAttribute";
    public const string GenerateSerializer = "Orleans.GenerateSerializerAttribute";
    public const string GrainType = "Orleans.GrainTypeAttribute";
    public const string Id = "Orleans.IdAttribute";
    public const string Immutable = "Orleans.ImmutableAttribute";
    public const string OneWay = "Orleans.Concurrency.OneWayAttribute";
    public const string Reentrant = "Orleans.Concurrency.ReentrantAttribute";

    /// <summary>An interface of grains, other than those of the engine itself.</summary>
    public static bool IsGrainInterface(this ITypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && !IsOfEngine(type) && type.AllInterfaces.Any(x => x.Is("Orleans.IGrain"));

    /// <summary>A class that the engine makes objects of.</summary>
    public static bool IsGrainClass(this INamedTypeSymbol type) =>
        type is { TypeKind: TypeKind.Class, IsAbstract: false } && type.AllInterfaces.Any(x => x.Is("Orleans.IGrainBase")) && type.AllInterfaces.Any(IsGrainInterface);

    public static bool Is(this ITypeSymbol? type, string fullName) => type?.OriginalDefinition.FullName() == fullName;

    public static string FullName(this ISymbol symbol) => symbol.ContainingSymbol switch
    {
        INamespaceSymbol { IsGlobalNamespace: false } space => $"{space.ToDisplayString()}.{symbol.MetadataName}",
        INamedTypeSymbol type => $"{type.FullName()}+{symbol.MetadataName}",
        _ => symbol.MetadataName,
    };

    public static AttributeData? Attribute(this ISymbol symbol, string fullName) =>
        symbol.GetAttributes().FirstOrDefault(x => x.AttributeClass.Is(fullName));

    public static bool Has(this ISymbol symbol, string attribute) => symbol.Attribute(attribute) is not null;

    /// <summary>The first argument of an attribute that has one.</summary>
    public static object? Argument(this AttributeData attribute) =>
        attribute.ConstructorArguments.Length > 0 ? attribute.ConstructorArguments[0].Value : null;

    private static bool IsOfEngine(ITypeSymbol type) => type.ContainingNamespace.ToDisplayString() is "Orleans" or "Orleans.Runtime";
}
