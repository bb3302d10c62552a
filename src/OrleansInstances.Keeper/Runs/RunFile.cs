using System.Text.Json;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>
/// run.json of an instance's folder. It is replaced by rename and so always whole after a crash of the keeper. It isn't
/// synced to the disk: after a power loss nothing of it runs any more, and the boot id says so.
/// </summary>
internal static class RunFile
{
    /// <exception cref="IOException">The disk takes nothing; the old record is still there.</exception>
    public static void Write(InstanceFolder folder, RunRecord record)
    {
        var next = folder.RunFile + ".next";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(record, KeeperJson.Default.RunRecord));
        File.Move(next, folder.RunFile, overwrite: true);
    }

    /// <returns>Null when the instance has no record.</returns>
    /// <exception cref="JsonException">The file holds no record.</exception>
    public static RunRecord? Read(InstanceFolder folder) =>
        File.Exists(folder.RunFile) ? JsonSerializer.Deserialize(File.ReadAllBytes(folder.RunFile), KeeperJson.Default.RunRecord) : null;
}
