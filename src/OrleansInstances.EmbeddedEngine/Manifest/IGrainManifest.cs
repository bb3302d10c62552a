namespace OrleansInstances.EmbeddedEngine.Manifest;

/// <summary>What an assembly has of grains. The generator writes one into each assembly.</summary>
public interface IGrainManifest
{
    void Describe(GrainManifestBuilder grains);
}
