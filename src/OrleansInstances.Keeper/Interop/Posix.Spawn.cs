using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

internal static partial class Posix
{
    private const short SpawnSetSignalMask = 0x08;
    private const short SpawnSetSignalDefault = 0x04;
    private const short SpawnSetSession = 0x80;

    // Opaque in spawn.h; glibc's largest is 336 bytes. Zeroed memory of more than that holds either.
    private const int SpawnObjectBytes = 1024;
    private const int SignalSetBytes = 128;
    private const uint CloseRangeCloseOnExec = 4;

    /// <summary>
    /// posix_spawn(3): a process in a session of its own with the calling thread's credentials, every signal at its default
    /// and none blocked, and no descriptors but those given. Returns the errno of whatever failed in the child before or in
    /// exec; then nothing runs. On success the program has been executed when this returns.
    /// </summary>
    public static unsafe int TrySpawn(SpawnOrder order, SpawnDescriptors descriptors, out int pid)
    {
        using var arguments = new NativeStrings(order.Arguments);
        using var environment = new NativeStrings(order.Environment);
        var memory = stackalloc byte[2 * SpawnObjectBytes + SignalSetBytes];
        new Span<byte>(memory, 2 * SpawnObjectBytes + SignalSetBytes).Clear();
        byte* actions = memory, attributes = memory + SpawnObjectBytes, signals = memory + 2 * SpawnObjectBytes;

        // The runtime opens everything close-on-exec, but what our own starter left open would leak into every instance.
        _ = close_range(3, uint.MaxValue, CloseRangeCloseOnExec);

        Check(posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
        Check(posix_spawnattr_init(attributes), "posix_spawnattr_init");
        try
        {
            if (descriptors.Terminal is { } terminal)
            {
                // The first terminal that the leader of a session opens is the session's.
                Check(posix_spawn_file_actions_addopen(actions, 0, terminal, (int)OpenFlags.ReadWrite, 0), "addopen");
                Check(posix_spawn_file_actions_adddup2(actions, 0, 1), "adddup2 stdout");
                Check(posix_spawn_file_actions_adddup2(actions, 0, 2), "adddup2 stderr");
            }
            else
            {
                Check(posix_spawn_file_actions_adddup2(actions, descriptors.Stdin, 0), "adddup2 stdin");
                Check(posix_spawn_file_actions_adddup2(actions, descriptors.Stdout, 1), "adddup2 stdout");
                Check(posix_spawn_file_actions_adddup2(actions, descriptors.Stderr, 2), "adddup2 stderr");
            }

            if (descriptors.Gate is { } gate)
            {
                Check(posix_spawn_file_actions_adddup2(actions, gate, 3), "adddup2 gate");
            }

            Check(posix_spawn_file_actions_addchdir_np(actions, order.Cwd), "addchdir");

            Check(posix_spawnattr_setflags(attributes, SpawnSetSession | SpawnSetSignalDefault | SpawnSetSignalMask), "setflags");
            Check(posix_spawnattr_setsigmask(attributes, signals), "setsigmask");
            Check(sigfillset(signals), "sigfillset");
            Check(posix_spawnattr_setsigdefault(attributes, signals), "setsigdefault");

            return posix_spawn(out pid, order.Program, actions, attributes, arguments.Pointer, environment.Pointer);
        }
        finally
        {
            _ = posix_spawnattr_destroy(attributes);
            _ = posix_spawn_file_actions_destroy(actions);
        }
    }

    private static void Check(int errno, string what)
    {
        if (errno != 0)
        {
            throw new PosixException(what, errno);
        }
    }

    [LibraryImport(Libc)]
    private static partial int close_range(uint first, uint last, uint flags);

    [LibraryImport(Libc, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn(out int pid, string path, byte* actions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawn_file_actions_adddup2(byte* actions, int from, int to);

    // It keeps a copy of the path.
    [LibraryImport(Libc, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn_file_actions_addopen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport(Libc, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport(Libc)]
    private static unsafe partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport(Libc)]
    private static unsafe partial int sigfillset(byte* signals);
}
