using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>Refuses grain interfaces that Orleans would refuse, and what would have to be copied to cross a call.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class GrainInterfaceAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.ByReference, Rules.InterfaceProperty, Rules.ReturnType, Rules.AliasClash, Rules.Inaccessible, Rules.SeveralTokens, Rules.Generic, Rules.Mutable];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!type.IsGrainInterface())
        {
            if (type.IsGrainClass())
            {
                CheckAccess(context, type);
            }

            return;
        }

        CheckAccess(context, type);
        if (type.IsGenericType)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.Generic, type.Locations[0], type.Name));
        }

        foreach (var method in type.GetMembers().OfType<IMethodSymbol>().Where(x => x.IsAbstract))
        {
            if (GrainInterfaceRules.Refusal(method) is { } refusal)
            {
                context.ReportDiagnostic(refusal);
                continue;
            }

            foreach (var part in GrainInterfaceRules.Crossing(method).Select(ImmutableTypes.MutablePart).OfType<ITypeSymbol>())
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.Mutable, method.Locations[0], method.Name, part.ToDisplayString()));
            }
        }

        CheckAliases(context, type);
    }

    private static void CheckAccess(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        for (var part = type; part is not null; part = part.ContainingType)
        {
            if (part.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal || part.IsFileLocal)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.Inaccessible, type.Locations[0], type.Name));
                return;
            }
        }
    }

    private static void CheckAliases(SymbolAnalysisContext context, INamedTypeSymbol type)
    {
        var aliases = type.GetMembers().OfType<IMethodSymbol>()
            .Select(x => (Method: x, Alias: x.Attribute(GrainSymbols.Alias)?.Argument() as string))
            .Where(x => x.Alias is not null);
        foreach (var clash in aliases.GroupBy(x => x.Alias).Where(x => x.Count() > 1))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.AliasClash, clash.Last().Method.Locations[0], clash.Key));
        }
    }
}
