using OrleansInstances.Keeper.Console;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Runs;

/// <summary>The FIFOs of a run, through which it reads and writes.</summary>
internal static class RunFifos
{
    public static void Make(InstanceFolder folder, long epoch, bool split)
    {
        Remove(folder, epoch);
        Posix.MakeFifo(folder.Stdin(epoch), FileModes.OwnerFile);
        Posix.MakeFifo(folder.Stdout(epoch), FileModes.OwnerFile);
        if (split)
        {
            Posix.MakeFifo(folder.Stderr(epoch), FileModes.OwnerFile);
        }
    }

    /// <summary>Removes those of one epoch, if they are there.</summary>
    public static void Remove(InstanceFolder folder, long epoch)
    {
        File.Delete(folder.Stdin(epoch));
        File.Delete(folder.Stdout(epoch));
        File.Delete(folder.Stderr(epoch));
    }

    /// <summary>Removes those of every other epoch.</summary>
    public static void RemoveOthers(InstanceFolder folder, long epoch)
    {
        foreach (var pattern in (ReadOnlySpan<string>)["stdin.*", "stdout.*", "stderr.*"])
        {
            foreach (var path in Directory.EnumerateFiles(folder.Path, pattern))
            {
                if (path != folder.Stdin(epoch) && path != folder.Stdout(epoch) && path != folder.Stderr(epoch))
                {
                    File.Delete(path);
                }
            }
        }
    }

    /// <summary>The ends that output is taken from.</summary>
    public static IReadOnlyList<CapturedPipe> OpenOutputs(InstanceFolder folder, long epoch, bool split)
    {
        var output = new CapturedPipe(Open(folder.Stdout(epoch)), ConsoleStream.Output);
        if (!split)
        {
            return [output];
        }

        try
        {
            return [output, new CapturedPipe(Open(folder.Stderr(epoch)), ConsoleStream.Error)];
        }
        catch
        {
            output.Dispose();
            throw;
        }
    }

    // Read-write, so that it never hangs up while the program has its own closed.
    private static int Open(string path) => Posix.Open(path, OpenFlags.ReadWrite | OpenFlags.NonBlocking);

    /// <summary>A write end of stdin that keeps the program from reading end of file; null when it has closed its stdin itself.</summary>
    public static int? TryOpenStdin(InstanceFolder folder, long epoch)
    {
        var errno = Posix.TryOpen(folder.Stdin(epoch), OpenFlags.WriteOnly | OpenFlags.NonBlocking, 0, out var fd);
        return errno switch
        {
            0 => fd,
            Errno.NoReader or Errno.NoEntry => null,
            _ => throw new PosixException("open stdin", errno),
        };
    }
}
