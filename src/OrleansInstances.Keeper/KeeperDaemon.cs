using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper;

/// <summary>Turns this process into the keeper of a data folder: private, detached, the only one.</summary>
internal static class KeeperDaemon
{
    public const int AnotherKeeperRuns = 3;

    /// <returns>The exit code, after a shutdown was asked for.</returns>
    public static int Run(string dataFolder)
    {
        _ = Posix.SetUmask(FileModes.OwnerOnlyUmask);
        Directory.CreateDirectory(dataFolder);
        Posix.SetMode(dataFolder, ((uint)new DirectoryInfo(dataFolder).UnixFileMode & FileModes.PassableFolder) | FileModes.OwnerFolder);

        // Held until this process ends, however it ends. A program being executed holds it too, until its exec: the next
        // keeper can't look for it before it can be found.
        var keeperLock = Posix.Open(InstanceFolder.KeeperLock(dataFolder), OpenFlags.ReadWrite | OpenFlags.Create, FileModes.OwnerFile);
        if (!Posix.TryLock(keeperLock))
        {
            System.Console.Error.WriteLine($"Another keeper runs on {dataFolder}.");
            return AnotherKeeperRuns;
        }

        var limit = (long)Posix.RaiseOpenFiles();
        var log = Detach(dataFolder);
        new KeeperServer(dataFolder, limit, TimeProvider.System, log).Run();
        return 0;
    }

    private static KeeperLog Detach(string dataFolder)
    {
        // False when it leads a group already, as a shell's foreground job does: then the signals ignored below have to do.
        _ = Posix.TryNewSession();
        Posix.SetDisposition(Signals.HangUp, ignore: true);
        Posix.SetDisposition(Signals.Interrupt, ignore: true);

        // At its default in place of the runtime's orderly exit: the keeper may end at any instruction anyway.
        Posix.SetDisposition(Signals.Terminate, ignore: false);

        var nothing = Posix.Open("/dev/null", OpenFlags.ReadOnly);
        Posix.Duplicate(nothing, 0);
        Posix.Close(nothing);
        return new KeeperLog(InstanceFolder.KeeperLog(dataFolder), TimeProvider.System);
    }
}
