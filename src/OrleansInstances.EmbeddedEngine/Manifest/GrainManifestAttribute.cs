namespace OrleansInstances.EmbeddedEngine.Manifest;

/// <summary>Names the <see cref="IGrainManifest"/> of an assembly, so that nothing has to be searched for.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class GrainManifestAttribute(Type manifest) : Attribute
{
    public Type Manifest { get; } = manifest;
}
