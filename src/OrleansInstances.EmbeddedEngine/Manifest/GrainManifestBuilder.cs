using Orleans;
using Orleans.Runtime;
using OrleansInstances.EmbeddedEngine.Calls;

namespace OrleansInstances.EmbeddedEngine.Manifest;

/// <summary>Collects the grains of all assemblies.</summary>
public sealed class GrainManifestBuilder
{
    private readonly List<(Type Interface, Func<GrainId, Silo, GrainProxy> Create)> _interfaces = [];
    private readonly List<(GrainClass Class, Type[] Interfaces)> _classes = [];

    internal GrainManifestBuilder()
    {
    }

    public void AddInterface<TInterface>(Func<GrainId, Silo, GrainProxy> createReference)
        where TInterface : IGrain =>
        _interfaces.Add((typeof(TInterface), createReference));

    /// <param name="grainType">Its <see cref="GrainType"/>.</param>
    /// <param name="isReentrant">Whether all calls to it interleave.</param>
    /// <param name="interfaces">The grain interfaces that it implements.</param>
    public void AddClass<TClass>(string grainType, bool isReentrant, params Type[] interfaces)
        where TClass : class, IGrainBase =>
        _classes.Add((new GrainClass(GrainType.Create(grainType), typeof(TClass), isReentrant), interfaces));

    internal GrainManifest Build()
    {
        if (_classes.GroupBy(x => x.Class.GrainType).FirstOrDefault(x => x.Count() > 1) is { } clash)
        {
            throw new OrleansConfigurationException($"The grain type {clash.Key} belongs to several classes: {string.Join(", ", clash.Select(x => x.Class.Type))}.");
        }

        var implementations = _classes.SelectMany(x => x.Interfaces, (x, type) => (Type: type, x.Class)).ToLookup(x => x.Type, x => x.Class);
        return new GrainManifest(
            _interfaces.ToDictionary(x => x.Interface, x => new GrainInterface(x.Interface, [.. implementations[x.Interface]], x.Create)),
            _classes.ToDictionary(x => x.Class.GrainType, x => x.Class));
    }
}
