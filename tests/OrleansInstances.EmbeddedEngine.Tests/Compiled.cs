using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using OrleansInstances.EmbeddedEngine.Generator;

namespace OrleansInstances.EmbeddedEngine.Tests;

/// <summary>A piece of code, run through the generator and the analyzers.</summary>
internal sealed class Compiled
{
    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(x => MetadataReference.CreateFromFile(x)),
    ];

    private readonly Compilation _compilation;
    private readonly GeneratorDriverRunResult _generated;

    private Compiled(string code)
    {
        const string Usings = "using System; using System.Collections.Generic; using System.Collections.Immutable; using System.Threading; using System.Threading.Tasks; using Orleans; using Orleans.Concurrency; using Orleans.Runtime;\n";
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create(
            "Sample",
            [CSharpSyntaxTree.ParseText(Usings + code, options)],
            References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        var driver = CSharpGeneratorDriver.Create([new GrainGenerator().AsSourceGenerator()], parseOptions: options)
            .RunGeneratorsAndUpdateCompilation(compilation, out _compilation, out _);
        _generated = driver.GetRunResult();
    }

    public IEnumerable<string> Sources => _generated.GeneratedTrees.Select(x => x.ToString());

    public static Compiled From(string code) => new(code);

    /// <summary>The ids of all errors and warnings, of the compiler, of the generated code and of the rules.</summary>
    public async Task<string[]> FindingsAsync()
    {
        ImmutableArray<DiagnosticAnalyzer> analyzers = [new GrainInterfaceAnalyzer(), new SerializableTypeAnalyzer(), new ConfigureAwaitAnalyzer()];
        var found = await _compilation.WithAnalyzers(analyzers).GetAllDiagnosticsAsync();
        return [.. found.Where(x => x.Severity >= DiagnosticSeverity.Warning).Select(x => x.Id).Distinct().Order()];
    }
}
