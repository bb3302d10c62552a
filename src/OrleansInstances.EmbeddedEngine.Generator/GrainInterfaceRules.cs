using Microsoft.CodeAnalysis;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>What a method of a grain interface may look like.</summary>
internal static class GrainInterfaceRules
{
    /// <summary>Why no reference can be generated for the method; null when one can.</summary>
    public static Diagnostic? Refusal(IMethodSymbol method)
    {
        var where = method.Locations.FirstOrDefault();
        if (method.AssociatedSymbol is { } member)
        {
            return Diagnostic.Create(Rules.InterfaceProperty, where, member.Name);
        }

        if (method.IsGenericMethod)
        {
            return Diagnostic.Create(Rules.Generic, where, method.Name);
        }

        if (!IsTask(method.ReturnType))
        {
            return Diagnostic.Create(Rules.ReturnType, where, method.Name);
        }

        if (method.Parameters.FirstOrDefault(x => x.RefKind != RefKind.None) is { } byReference)
        {
            return Diagnostic.Create(Rules.ByReference, where, byReference.Name);
        }

        return method.Parameters.Count(x => IsCancellation(x.Type)) > 1
            ? Diagnostic.Create(Rules.SeveralTokens, where, method.Name)
            : null;
    }

    /// <summary>The types that cross a call of the method.</summary>
    public static IEnumerable<ITypeSymbol> Crossing(IMethodSymbol method) => method.Parameters.Select(x => x.Type)
        .Where(x => !IsCancellation(x))
        .Concat(method.ReturnType is INamedTypeSymbol returns ? returns.TypeArguments : []);

    private static bool IsCancellation(ITypeSymbol type) => type.Is("System.Threading.CancellationToken");

    private static bool IsTask(ITypeSymbol type) =>
        type.Is("System.Threading.Tasks.Task") || type.Is("System.Threading.Tasks.Task`1") ||
        type.Is("System.Threading.Tasks.ValueTask") || type.Is("System.Threading.Tasks.ValueTask`1");
}
