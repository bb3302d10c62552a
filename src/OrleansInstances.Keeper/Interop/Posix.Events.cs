using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

internal static partial class Posix
{
    // struct epoll_event is packed on x64 only (epoll_ctl(2), sys/epoll.h): the token lies at 4 there, at 8 elsewhere.
    private static readonly int EpollTokenOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>Bytes of one struct epoll_event.</summary>
    public static int EpollEventBytes => EpollTokenOffset + sizeof(long);

    public static int EpollCreate()
    {
        const int CloseOnExec = 0x80000;
        var fd = epoll_create1(CloseOnExec);
        return fd >= 0 ? fd : throw new PosixException("epoll_create1", LastErrno);
    }

    /// <summary>epoll_ctl(2). Level-triggered; hang-ups and errors are always reported.</summary>
    public static void EpollControl(int epoll, EpollOperation operation, int fd, PollEvents events, long token)
    {
        Span<byte> raw = stackalloc byte[EpollEventBytes];
        Unsafe.WriteUnaligned(ref raw[0], (uint)events);
        Unsafe.WriteUnaligned(ref raw[EpollTokenOffset], token);
        if (epoll_ctl(epoll, (int)operation, fd, ref raw[0]) != 0)
        {
            throw new PosixException($"epoll_ctl {operation}", LastErrno);
        }
    }

    /// <summary>epoll_wait(2) into a buffer of raw events; -1 waits for ever. Returns how many there are, 0 after a signal.</summary>
    public static int EpollWait(int epoll, Span<byte> buffer, int timeoutMs)
    {
        var count = epoll_wait(epoll, ref MemoryMarshal.GetReference(buffer), buffer.Length / EpollEventBytes, timeoutMs);
        if (count >= 0)
        {
            return count;
        }

        return LastErrno == Errno.Interrupted ? 0 : throw new PosixException("epoll_wait", LastErrno);
    }

    /// <summary>Reads event <paramref name="index"/> of what <see cref="EpollWait"/> filled in.</summary>
    public static (PollEvents Events, long Token) EpollEvent(ReadOnlySpan<byte> buffer, int index)
    {
        var raw = buffer[(index * EpollEventBytes)..];
        return ((PollEvents)MemoryMarshal.Read<uint>(raw), MemoryMarshal.Read<long>(raw[EpollTokenOffset..]));
    }

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int fd, ref byte epollEvent);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int epoll_wait(int epoll, ref byte events, int maxEvents, int timeoutMs);
}

internal enum EpollOperation
{
    Add = 1,
    Delete = 2,
    Modify = 3,
}

/// <summary>What epoll reports of a descriptor.</summary>
[Flags]
internal enum PollEvents : uint
{
    None = 0,
    In = 1,
    Out = 4,
    Error = 8,
    HangUp = 16,
}
