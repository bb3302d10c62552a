namespace Orleans.Runtime.Placement;

/// <summary>The grain to be placed.</summary>
public readonly struct PlacementTarget
{
    public PlacementTarget(GrainId grainIdentity, Dictionary<string, object> requestContextData, GrainInterfaceType interfaceType, ushort interfaceVersion)
    {
        GrainIdentity = grainIdentity;
        RequestContextData = requestContextData;
        InterfaceType = interfaceType;
        InterfaceVersion = interfaceVersion;
    }

    public GrainId GrainIdentity { get; }

    public Dictionary<string, object> RequestContextData { get; }

    public GrainInterfaceType InterfaceType { get; }

    public ushort InterfaceVersion { get; }
}
