using Microsoft.CodeAnalysis;

namespace OrleansInstances.EmbeddedEngine.Generator;

/// <summary>The assembly that is being compiled.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parts">Those it references that have grains, or reference such.</param>
internal sealed record AssemblyModel(string Name, EquatableArray<string> Parts)
{
    /// <summary>Where its generated types live: its own namespace, so that assemblies that see each other's internals don't clash.</summary>
    public string Namespace => "OrleansInstances.EmbeddedEngine.Generated." + string.Concat(Name.Select(x => char.IsLetterOrDigit(x) ? x : '_'));

    public static AssemblyModel Of(Compilation compilation) => new(
        compilation.AssemblyName ?? "Unnamed",
        new EquatableArray<string>(compilation.SourceModule.ReferencedAssemblySymbols.Where(x => x.Has(GrainSymbols.ApplicationPart)).Select(x => x.Name)));
}
