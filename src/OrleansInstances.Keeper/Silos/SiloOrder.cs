using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Silos;

/// <summary>The silo that a keeper runs, as the first process of a container does.</summary>
/// <param name="Command">Program and arguments.</param>
/// <param name="DataFolder">Absolute; the one that the silo is to use.</param>
/// <param name="InstancesTimeout">What the instances get to end by themselves once the silo has been stopped.</param>
/// <param name="Descriptors">Nothing to read, and the keeper's own output as it was before its log took its place.</param>
internal sealed record SiloOrder(IReadOnlyList<string> Command, string DataFolder, TimeSpan InstancesTimeout, SpawnDescriptors Descriptors)
{
    private const int Output = 1;
    private const int Error = 2;

    public static SiloOrder Of(KeeperArguments arguments) => new(
        arguments.Silo,
        arguments.DataFolder,
        arguments.Timeout,
        new(Posix.Open("/dev/null", OpenFlags.ReadOnly), Posix.DuplicateForSelf(Output), Posix.DuplicateForSelf(Error)));
}
