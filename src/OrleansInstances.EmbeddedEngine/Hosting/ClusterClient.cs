using Orleans;
using Orleans.Runtime;

namespace OrleansInstances.EmbeddedEngine.Hosting;

internal sealed class ClusterClient(Silo silo) : IClusterClient
{
    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Refer<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Refer<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    private TGrainInterface Refer<TGrainInterface>(IdSpan key, string? grainClassNamePrefix)
    {
        if (grainClassNamePrefix is not null)
        {
            throw new NotSupportedException("The embedded engine finds a grain's class by its interface alone.");
        }

        var found = silo.Manifest.Interface(typeof(TGrainInterface));
        return (TGrainInterface)(object)found.Create(new GrainId(found.GrainType, key), silo);
    }
}
