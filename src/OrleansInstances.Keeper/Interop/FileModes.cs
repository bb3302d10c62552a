namespace OrleansInstances.Keeper.Interop;

/// <summary>Permission bits of chmod(2); C# has no octal.</summary>
internal static class FileModes
{
    /// <summary>0600.</summary>
    public const uint OwnerFile = 0x180;

    /// <summary>0700.</summary>
    public const uint OwnerFolder = 0x1C0;

    /// <summary>0711: others may pass through to what they know by name.</summary>
    public const uint PassableFolder = 0x1C9;

    /// <summary>077: nothing for anyone but the owner.</summary>
    public const uint OwnerOnlyUmask = 0x3F;
}
