using System.Collections.Frozen;
using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Manifest;

/// <summary>All grain interfaces and classes of the process.</summary>
internal sealed class GrainManifest(Dictionary<Type, GrainInterface> interfaces, Dictionary<GrainType, GrainClass> classes)
{
    private readonly FrozenDictionary<Type, GrainInterface> _interfaces = interfaces.ToFrozenDictionary();
    private readonly FrozenDictionary<GrainType, GrainClass> _classes = classes.ToFrozenDictionary();

    /// <exception cref="ArgumentException">It is not a grain interface that the process knows.</exception>
    public GrainInterface Interface(Type type) => _interfaces.TryGetValue(type, out var found)
        ? found
        : throw new ArgumentException($"{type} is not a grain interface of the loaded assemblies.");

    public GrainClass Class(GrainType type) => _classes[type];

    /// <summary>Reads the manifests of the loaded assemblies and of those they are built with.</summary>
    public static GrainManifest Load()
    {
        var builder = new GrainManifestBuilder();
        var seen = new HashSet<Assembly>();
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        while (open.TryDequeue(out var assembly))
        {
            if (!seen.Add(assembly))
            {
                continue;
            }

            foreach (var part in assembly.GetCustomAttributes<ApplicationPartAttribute>())
            {
                open.Enqueue(Assembly.Load(part.AssemblyName));
            }

            if (assembly.GetCustomAttribute<GrainManifestAttribute>() is { } attribute)
            {
                ((IGrainManifest)Activator.CreateInstance(attribute.Manifest, nonPublic: true)!).Describe(builder);
            }
        }

        return builder.Build();
    }
}
