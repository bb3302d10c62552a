using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>Refuses awaits in grain classes that would not come back to the grain's turn.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ConfigureAwaitAnalyzer : DiagnosticAnalyzer
{
    /// <summary>ConfigureAwaitOptions.ContinueOnCapturedContext.</summary>
    private const int ContinueOnCapturedContext = 1;

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rules.LeavesGrain];

    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterOperationAction(Analyze, OperationKind.Invocation);
    }

    private static void Analyze(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name != "ConfigureAwait" || call.Arguments.Length == 0 || !IsInGrain(context.ContainingSymbol))
        {
            return;
        }

        var leaves = call.Arguments[call.Arguments.Length - 1].Value.ConstantValue is { HasValue: true, Value: var value } && value switch
        {
            bool stays => !stays,
            int options => (options & ContinueOnCapturedContext) == 0,
            _ => false,
        };
        if (leaves)
        {
            context.ReportDiagnostic(Diagnostic.Create(Rules.LeavesGrain, call.Syntax.GetLocation()));
        }
    }

    private static bool IsInGrain(ISymbol symbol)
    {
        for (var type = symbol.ContainingType; type is not null; type = type.ContainingType)
        {
            if (type.AllInterfaces.Any(x => x.Is("Orleans.IGrainBase")))
            {
                return true;
            }
        }

        return false;
    }
}
