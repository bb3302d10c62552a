namespace OrleansInstances.Storage.Users;

/// <summary>What a user may do with one instance. The numbers are stored and shown to clients.</summary>
[Flags]
public enum InstancePermissions
{
    None = 0,
    View = 1,
    Console = 2,
    StartStop = 4,
    ShowStats = 8,
    EditPermissions = 16,
    ShowFiles = 32,
    EditFiles = 64,
    CreateFiles = 128,
    RemoveFiles = 256,
    All = 511,
}
