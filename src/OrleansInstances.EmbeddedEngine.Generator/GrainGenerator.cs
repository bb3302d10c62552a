using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>Writes a reference for each grain interface, and the manifest of the assembly.</summary>
[Generator]
public sealed class GrainGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var interfaces = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is InterfaceDeclarationSyntax { BaseList: not null },
            static (x, cancellation) => Declared(x, cancellation) is { } type && type.IsGrainInterface() ? InterfaceModel.Of(type) : null)
            .Where(static x => x is not null).Select(static (x, _) => x!);

        var classes = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
            static (x, cancellation) => Declared(x, cancellation) is { IsGenericType: false } type && type.IsGrainClass() ? ClassModel.Of(type) : null)
            .Where(static x => x is not null).Select(static (x, _) => x!);

        var assembly = context.CompilationProvider.Select(static (x, _) => AssemblyModel.Of(x));

        context.RegisterSourceOutput(interfaces.Combine(assembly), static (output, x) =>
            output.AddSource($"{x.Left.Reference}.g.cs", SourceText.From(ReferenceWriter.Write(x.Left, x.Right), Encoding.UTF8)));
        context.RegisterSourceOutput(interfaces.Collect().Combine(classes.Collect()).Combine(assembly), static (output, x) =>
        {
            if (ManifestWriter.Write(x.Left.Left, x.Left.Right, x.Right) is { } text)
            {
                output.AddSource("Grains.g.cs", SourceText.From(text, Encoding.UTF8));
            }
        });
    }

    /// <summary>The type of a declaration; null when another part of it, which also has bases, comes first.</summary>
    private static INamedTypeSymbol? Declared(GeneratorSyntaxContext context, CancellationToken cancellation)
    {
        var type = context.SemanticModel.GetDeclaredSymbol(context.Node, cancellation) as INamedTypeSymbol;
        var first = type?.DeclaringSyntaxReferences.FirstOrDefault(x => x.GetSyntax(cancellation) is TypeDeclarationSyntax { BaseList: not null });
        return first?.SyntaxTree == context.Node.SyntaxTree && first.Span == context.Node.Span ? type : null;
    }
}
