using Microsoft.CodeAnalysis;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>A parameter as it is written in code.</summary>
internal sealed record ParameterModel(string Type, string Name, bool IsCancellation);

/// <summary>A method of a grain interface.</summary>
/// <param name="Interface">The one that declares it, which may be a base.</param>
/// <param name="Name">Its name.</param>
/// <param name="Returns">Its whole return type.</param>
/// <param name="Result">The type inside of it; null for none.</param>
/// <param name="IsValueTask">Whether it returns a ValueTask.</param>
/// <param name="AlwaysInterleaves">Whether it starts at awaits of others.</param>
/// <param name="IsOneWay">Whether nobody waits for it.</param>
/// <param name="Parameters">In order.</param>
internal sealed record MethodModel(
    string Interface,
    string Name,
    string Returns,
    string? Result,
    bool IsValueTask,
    bool AlwaysInterleaves,
    bool IsOneWay,
    EquatableArray<ParameterModel> Parameters);

/// <summary>A grain interface.</summary>
internal sealed record InterfaceModel(string Type, string Name, EquatableArray<MethodModel> Methods)
{
    private static readonly SymbolDisplayFormat Format = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>The name of its generated reference, unique in the assembly.</summary>
    public string Reference => "Reference_" + string.Concat(Type.Substring("global::".Length).Select(x => char.IsLetterOrDigit(x) ? x : '_'));

    /// <summary>Null when the analyzer refuses the interface anyhow.</summary>
    public static InterfaceModel? Of(INamedTypeSymbol type)
    {
        var methods = type.AllInterfaces.Insert(0, type).SelectMany(x => x.GetMembers()).OfType<IMethodSymbol>().Where(x => x.IsAbstract && !x.IsStatic).ToList();
        return type.IsGenericType || methods.Any(x => GrainInterfaceRules.Refusal(x) is not null)
            ? null
            : new InterfaceModel(type.ToDisplayString(Format), type.Name, new EquatableArray<MethodModel>(methods.Select(MethodOf)));
    }

    private static MethodModel MethodOf(IMethodSymbol method)
    {
        var returns = (INamedTypeSymbol)method.ReturnType;
        return new MethodModel(
            method.ContainingType.ToDisplayString(Format),
            method.Name,
            returns.ToDisplayString(Format),
            returns.TypeArguments.FirstOrDefault()?.ToDisplayString(Format),
            returns.Name == "ValueTask",
            method.Has(GrainSymbols.AlwaysInterleave),
            method.Has(GrainSymbols.OneWay),
            new EquatableArray<ParameterModel>(method.Parameters.Select(x => new ParameterModel(
                x.Type.ToDisplayString(Format), "@" + x.Name, x.Type.Is("System.Threading.CancellationToken")))));
    }
}

/// <summary>A grain class.</summary>
internal sealed record ClassModel(string Type, string GrainType, bool IsReentrant, EquatableArray<string> Interfaces)
{
    public static ClassModel Of(INamedTypeSymbol type) => new(
        type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat),
        type.Attribute(GrainSymbols.GrainType)?.Argument() as string ?? ConventionalGrainType(type.Name),
        type.Has(GrainSymbols.Reentrant),
        new EquatableArray<string>(type.AllInterfaces.Where(x => x.IsGrainInterface()).Select(x => x.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat))));

    private static string ConventionalGrainType(string name)
    {
        var lower = name.ToLowerInvariant();
        return lower.EndsWith("grain", StringComparison.Ordinal) && lower != "grain" ? lower.Substring(0, lower.Length - "grain".Length) : lower;
    }
}
