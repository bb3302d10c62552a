using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>
/// Gives an instance's own folder and FIFOs to its user. The folders above may then be passed through but not read, and
/// what else is in the data folder stays the keeper's own.
/// </summary>
internal static class UserAccess
{
    public static void Grant(InstanceFolder folder, long epoch, bool split, RunUser user)
    {
        if (user.Uid == Posix.EffectiveUid())
        {
            return;
        }

        CloseOthers(folder.DataFolder);
        foreach (var passed in (ReadOnlySpan<string>)[folder.DataFolder, InstanceFolder.AllInstances(folder.DataFolder), folder.Path])
        {
            Posix.SetMode(passed, FileModes.PassableFolder);
        }

        Posix.SetOwner(folder.Files, user.Uid, user.Gid);
        Posix.SetOwner(folder.Stdin(epoch), user.Uid, user.Gid);
        Posix.SetOwner(folder.Stdout(epoch), user.Uid, user.Gid);
        if (split)
        {
            Posix.SetOwner(folder.Stderr(epoch), user.Uid, user.Gid);
        }
    }

    /// <summary>Until now the data folder's own mode kept others out.</summary>
    private static void CloseOthers(string dataFolder)
    {
        var folder = new DirectoryInfo(dataFolder);
        if (folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
        {
            return;
        }

        const UnixFileMode OwnersOwn = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (var entry in folder.EnumerateFileSystemInfos().Where(entry => entry.LinkTarget is null))
        {
            Posix.SetMode(entry.FullName, (uint)(entry.UnixFileMode & OwnersOwn));
        }
    }
}
