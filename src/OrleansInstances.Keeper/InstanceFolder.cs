using System.Globalization;

namespace OrleansInstances.Keeper;

/// <summary>Where a node keeps what belongs to an instance. Shared by the keeper, which writes, and the silo, which reads.</summary>
/// <param name="DataFolder">The silo's data folder, absolute.</param>
/// <param name="InstanceId">Which instance.</param>
public readonly record struct InstanceFolder(string DataFolder, Guid InstanceId)
{
    public static string AllInstances(string dataFolder) => System.IO.Path.Combine(dataFolder, "instances");

    /// <summary>The keeper's socket, open to its user only.</summary>
    public static string KeeperSocket(string dataFolder) => System.IO.Path.Combine(dataFolder, "keeper.sock");

    /// <summary>Locked by the running keeper.</summary>
    public static string KeeperLock(string dataFolder) => System.IO.Path.Combine(dataFolder, "keeper.lock");

    /// <summary>The last lease that the keeper was given.</summary>
    public static string LeaseFile(string dataFolder) => System.IO.Path.Combine(dataFolder, "lease.json");

    /// <summary>The keeper's own log.</summary>
    public static string KeeperLog(string dataFolder) => System.IO.Path.Combine(dataFolder, "keeper.log");

    public string Path => System.IO.Path.Combine(AllInstances(DataFolder), InstanceId.ToString("N"));

    public string RunFile => System.IO.Path.Combine(Path, "run.json");

    /// <summary>The working directory of an instance that names none.</summary>
    public string Files => System.IO.Path.Combine(Path, "files");

    /// <summary>Segment files of the console.</summary>
    public string Console => System.IO.Path.Combine(Path, "console");

    /// <summary>The FIFO that the run reads its stdin from; keeper and silo both hold a write end.</summary>
    public string Stdin(long epoch) => Fifo("stdin", epoch);

    /// <summary>The FIFO that the run writes stdout to, and stderr too unless its console is split.</summary>
    public string Stdout(long epoch) => Fifo("stdout", epoch);

    /// <summary>The FIFO for stderr of a run whose console is split.</summary>
    public string Stderr(long epoch) => Fifo("stderr", epoch);

    private string Fifo(string name, long epoch) =>
        System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{name}.{epoch}"));
}
