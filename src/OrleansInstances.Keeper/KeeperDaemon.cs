using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Silos;

namespace OrleansInstances.Keeper;

/// <summary>Turns this process into the keeper of a data folder: private, detached, the only one.</summary>
internal static class KeeperDaemon
{
    public const int AnotherKeeperRuns = 3;

    /// <returns>The exit code, after a shutdown was asked for; the silo's when there is one.</returns>
    public static int Run(KeeperArguments arguments)
    {
        var dataFolder = arguments.DataFolder;
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
        SiloOrder? silo = arguments.Silo.Count > 0 ? SiloOrder.Of(arguments) : null;
        var log = Detach(dataFolder, ignoresInterrupt: silo is null);
        return new KeeperServer(dataFolder, limit, TimeProvider.System, log, silo).Run();
    }

    private static KeeperLog Detach(string dataFolder, bool ignoresInterrupt)
    {
        // False when it leads a group already, as a shell's foreground job does: then the signals ignored below have to do.
        _ = Posix.TryNewSession();
        Posix.SetDisposition(Signals.HangUp, ignore: true);
        Posix.SetDisposition(Signals.Interrupt, ignoresInterrupt);

        // At its default in place of the runtime's orderly exit: the keeper may end at any instruction anyway.
        Posix.SetDisposition(Signals.Terminate, ignore: false);

        var nothing = Posix.Open("/dev/null", OpenFlags.ReadOnly);
        Posix.Duplicate(nothing, 0);
        Posix.Close(nothing);
        return new KeeperLog(InstanceFolder.KeeperLog(dataFolder), TimeProvider.System);
    }
}
