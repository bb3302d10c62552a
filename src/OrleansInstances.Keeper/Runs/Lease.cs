using System.Text.Json;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>What a node was last promised: until when nobody else starts its <c>move</c> instances.</summary>
/// <param name="Incarnation">The node's registration that the promise was made to.</param>
/// <param name="UntilMs">CLOCK_BOOTTIME.</param>
/// <param name="BootId">The boot whose clock that is.</param>
public sealed record Lease(string Incarnation, long UntilMs, string BootId)
{
    /// <exception cref="IOException">The disk takes nothing; the old one is still there.</exception>
    public void Write(string dataFolder)
    {
        var file = InstanceFolder.LeaseFile(dataFolder);
        File.WriteAllBytes(file + ".next", JsonSerializer.SerializeToUtf8Bytes(this, KeeperJson.Default.Lease));
        File.Move(file + ".next", file, overwrite: true);
    }

    /// <summary>Null when the node was never promised anything.</summary>
    /// <exception cref="JsonException">The file holds no lease.</exception>
    public static Lease? Read(string dataFolder)
    {
        var file = InstanceFolder.LeaseFile(dataFolder);
        return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), KeeperJson.Default.Lease) : null;
    }
}
