namespace OrleansInstances.Keeper.Interop;

/// <summary>Flags of open(2) whose values are the same on x64 and arm64.</summary>
[Flags]
internal enum OpenFlags
{
    ReadOnly = 0,
    WriteOnly = 1,
    ReadWrite = 2,
    Create = 0x40,
    Append = 0x400,
    NonBlocking = 0x800,
    CloseOnExec = 0x80000,

    /// <summary>Names a place in the tree without reading it; enough for /proc/self/fd/N/name.</summary>
    PathOnly = 0x200000,
}
