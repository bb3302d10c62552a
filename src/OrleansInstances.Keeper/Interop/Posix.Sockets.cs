using System.Runtime.InteropServices;
using System.Text;

namespace OrleansInstances.Keeper.Interop;

internal static partial class Posix
{
    private const int UnixFamily = 1;
    private const int Stream = 1;
    private const int SocketCloseOnExec = 0x80000;
    private const int SocketNonBlocking = 0x800;
    private const int NoSignal = 0x4000;
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int UnixPathOffset = 2;
    private const int UnixAddressBytes = 110;

    /// <summary>socket(2), bind(2) and listen(2) of a non-blocking unix stream socket.</summary>
    /// <param name="path">At most 107 bytes; see <see cref="KeeperAddress"/>.</param>
    public static int ListenUnix(string path, int backlog)
    {
        var fd = socket(UnixFamily, Stream | SocketCloseOnExec | SocketNonBlocking, 0);
        if (fd < 0)
        {
            throw new PosixException("socket", LastErrno);
        }

        Span<byte> address = stackalloc byte[UnixAddressBytes];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)UnixFamily);
        var length = Encoding.UTF8.GetBytes(path, address[UnixPathOffset..^1]);
        if (bind(fd, ref address[0], (uint)(UnixPathOffset + length + 1)) != 0 || listen(fd, backlog) != 0)
        {
            var errno = LastErrno;
            Close(fd);
            throw new PosixException($"bind {path}", errno);
        }

        return fd;
    }

    /// <summary>accept4(2), the new socket non-blocking. EAGAIN: nobody waits.</summary>
    public static int TryAccept(int listener, out int fd)
    {
        fd = accept4(listener, 0, 0, SocketCloseOnExec | SocketNonBlocking);
        return fd < 0 ? LastErrno : 0;
    }

    /// <summary>send(2) that never raises SIGPIPE; may send less than was given.</summary>
    public static int TrySend(int fd, ReadOnlySpan<byte> data, out int sent)
    {
        nint count;
        do
        {
            count = send(fd, in MemoryMarshal.GetReference(data), (nuint)data.Length, NoSignal);
        }
        while (count < 0 && LastErrno == Errno.Interrupted);
        sent = (int)Math.Max(count, 0);
        return count < 0 ? LastErrno : 0;
    }

    /// <summary>unix(7) SO_PEERCRED: the effective user of the process that connected.</summary>
    public static uint PeerUid(int fd)
    {
        Span<uint> credentials = stackalloc uint[3];
        var length = (uint)(credentials.Length * sizeof(uint));
        return getsockopt(fd, SocketLevel, PeerCredentials, ref credentials[0], ref length) == 0
            ? credentials[1]
            : throw new PosixException("getsockopt SO_PEERCRED", LastErrno);
    }

    /// <summary>geteuid(2).</summary>
    public static uint EffectiveUid() => geteuid();

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int bind(int fd, ref byte address, uint length);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int accept4(int fd, nint address, nint length, int flags);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial nint send(int fd, in byte buffer, nuint length, int flags);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int getsockopt(int fd, int level, int option, ref uint value, ref uint length);

    [LibraryImport(Libc)]
    private static partial uint geteuid();
}
