using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

/// <summary>
/// Credentials. On Linux each thread has its own: glibc's wrappers change those of all threads, the system calls only
/// those of the thread that makes them.
/// </summary>
internal static partial class Posix
{
    private const int SetNoNewPrivileges = 38;

    // asm/unistd.h: 64-bit x86 has numbers of its own, arm64 the generic ones.
    private static readonly (long SetGroups, long SetUser, long SetGroup) CredentialCalls =
        RuntimeInformation.ProcessArchitecture == Architecture.X64 ? (116, 117, 119) : (159, 147, 149);

    /// <summary>getegid(2).</summary>
    public static uint EffectiveGid() => getegid();

    /// <summary>setgroups(2), setresgid(2), setresuid(2) of the calling thread, for good. Returns the errno of what failed.</summary>
    public static unsafe int TryBecome(uint uid, uint gid, ReadOnlySpan<uint> groups)
    {
        var (setGroups, setUser, setGroup) = CredentialCalls;
        fixed (uint* first = groups)
        {
            if (syscall(setGroups, groups.Length, (nint)first, 0, 0) != 0)
            {
                return LastErrno;
            }
        }

        return syscall(setGroup, gid, gid, gid, 0) == 0 && syscall(setUser, uid, uid, uid, 0) == 0 ? 0 : LastErrno;
    }

    /// <summary>prctl(2) PR_SET_NO_NEW_PRIVS of the calling thread: no program that it executes gains rights.</summary>
    public static int TryGiveUpNewPrivileges() => prctl(SetNoNewPrivileges, 1, 0, 0, 0) == 0 ? 0 : LastErrno;

    [LibraryImport(Libc)]
    private static partial uint getegid();

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
