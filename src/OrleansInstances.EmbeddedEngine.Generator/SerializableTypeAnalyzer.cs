using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>Refuses types with [GenerateSerializer] that would lose a member on the way or could change after it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SerializableTypeAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.MissingId, Rules.IdClash, Rules.Mutable, Rules.MutableMember];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        var isSerializable = type.Has(GrainSymbols.GenerateSerializer);
        if (type.BaseType is { } parent && IsImmutable(parent) && !IsImmutable(type))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.Mutable, type.Locations[0], parent.Name, type.ToDisplayString()));
        }

        if (!isSerializable || type.TypeKind == TypeKind.Enum)
        {
            return;
        }

        var members = type.GetMembers().OfType<IFieldSymbol>()
            .Where(x => !x.IsStatic && !x.IsConst && !x.Has("System.NonSerializedAttribute"))
            .Select(x => (Field: x, Member: x.AssociatedSymbol ?? x))
            .ToList();
        foreach (var (field, member) in members)
        {
            CheckMember(context, type, field, member);
        }

        var ids = members.Select(x => (x.Member, Id: x.Member.Attribute(GrainSymbols.Id)?.Argument())).Where(x => x.Id is not null);
        foreach (var clash in ids.GroupBy(x => x.Id).Where(x => x.Count() > 1))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.IdClash, clash.Last().Member.Locations[0], clash.Key, type.Name));
        }
    }

    private static void CheckMember(SymbolAnalysisContext context, INamedTypeSymbol type, IFieldSymbol field, ISymbol member)
    {
        if (!member.Has(GrainSymbols.Id))
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.MissingId, member.Locations[0], member.Name));
        }

        if (!type.Has(GrainSymbols.Immutable))
        {
            return;
        }

        if (!field.IsReadOnly && member is not IPropertySymbol { SetMethod: null or { IsInitOnly: true } })
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.MutableMember, member.Locations[0], member.Name));
        }

        if (ImmutableTypes.MutablePart(field.Type) is { TypeKind: not TypeKind.TypeParameter } part)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.Mutable, member.Locations[0], member.Name, part.ToDisplayString()));
        }
    }

    private static bool IsImmutable(INamedTypeSymbol type) => type.Has(GrainSymbols.Immutable) && type.Has(GrainSymbols.GenerateSerializer);
}
