using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

/// <summary>
/// The system calls the keeper makes, by area. Those that say nothing else throw <see cref="PosixException"/>; those that
/// are called often, or whose failure is an ordinary answer, return errno (0 is success) and leave the judgement to the caller.
/// Every descriptor is opened close-on-exec.
/// </summary>
internal static partial class Posix
{
    private const string Libc = "libc";

    private const int FcntlSetPipeSize = 1031;
    private const int FcntlDuplicateCloseOnExec = 1030;
    private const int LowestFree = 3;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const uint SpliceMove = 1;
    private const uint SpliceNonBlock = 2;
    private const int SeekEnd = 2;
    private const int ExecuteAccess = 1;

    /// <summary>open(2). <paramref name="mode"/> counts only with <see cref="OpenFlags.Create"/> and is subject to the umask.</summary>
    public static int Open(string path, OpenFlags flags, uint mode = 0)
    {
        var errno = TryOpen(path, flags, mode, out var fd);
        return errno == 0 ? fd : throw new PosixException($"open {path}", errno);
    }

    public static int TryOpen(string path, OpenFlags flags, uint mode, out int fd)
    {
        do
        {
            fd = open(path, (int)(flags | OpenFlags.CloseOnExec), mode);
        }
        while (fd < 0 && LastErrno == Errno.Interrupted);
        return fd < 0 ? LastErrno : 0;
    }

    /// <summary>open(2) read-only of a path that ends in a zero byte, for the many small files of /proc; errno in place of a throw.</summary>
    public static int TryOpenRead(ReadOnlySpan<byte> pathWithZero, out int fd)
    {
        fd = open(in MemoryMarshal.GetReference(pathWithZero), (int)(OpenFlags.ReadOnly | OpenFlags.CloseOnExec), 0);
        return fd < 0 ? LastErrno : 0;
    }

    /// <summary>close(2). Nothing that is closed here reports write errors on close.</summary>
    public static void Close(int fd) => _ = close(fd);

    /// <summary>read(2). 0 bytes is the end of the file.</summary>
    public static int TryRead(int fd, Span<byte> buffer, out int read)
    {
        nint count;
        do
        {
            count = read_(fd, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
        }
        while (count < 0 && LastErrno == Errno.Interrupted);
        read = (int)Math.Max(count, 0);
        return count < 0 ? LastErrno : 0;
    }

    /// <summary>write(2): may write less than was given.</summary>
    public static int TryWrite(int fd, ReadOnlySpan<byte> data, out int written)
    {
        nint count;
        do
        {
            count = write_(fd, in MemoryMarshal.GetReference(data), (nuint)data.Length);
        }
        while (count < 0 && LastErrno == Errno.Interrupted);
        written = (int)Math.Max(count, 0);
        return count < 0 ? LastErrno : 0;
    }

    /// <summary>pread(2): like read at <paramref name="offset"/>, leaves the file's own position.</summary>
    public static int TryReadAt(int fd, Span<byte> buffer, long offset, out int read)
    {
        nint count;
        do
        {
            count = pread(fd, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length, offset);
        }
        while (count < 0 && LastErrno == Errno.Interrupted);
        read = (int)Math.Max(count, 0);
        return count < 0 ? LastErrno : 0;
    }

    /// <summary>pwrite(2): like write at <paramref name="offset"/>, leaves the file's own position.</summary>
    public static int TryWriteAt(int fd, ReadOnlySpan<byte> data, long offset, out int written)
    {
        nint count;
        do
        {
            count = pwrite(fd, in MemoryMarshal.GetReference(data), (nuint)data.Length, offset);
        }
        while (count < 0 && LastErrno == Errno.Interrupted);
        written = (int)Math.Max(count, 0);
        return count < 0 ? LastErrno : 0;
    }

    /// <summary>
    /// splice(2) from a pipe to a file at its position, without waiting for the pipe. EAGAIN: the pipe is empty.
    /// EINVAL: the file system can't. On any failure what was not moved is still in the pipe.
    /// </summary>
    public static int TrySplice(int pipe, int file, long count, out long moved)
    {
        nint result;
        do
        {
            result = splice(pipe, 0, file, 0, (nuint)count, SpliceMove | SpliceNonBlock);
        }
        while (result < 0 && LastErrno == Errno.Interrupted);
        moved = Math.Max(result, 0);
        return result < 0 ? LastErrno : 0;
    }

    /// <summary>lseek(2) to the end; returns the file's length.</summary>
    public static long SeekToEnd(int fd)
    {
        var position = lseek(fd, 0, SeekEnd);
        return position >= 0 ? position : throw new PosixException("lseek", LastErrno);
    }

    /// <summary>mkfifo(3).</summary>
    public static void MakeFifo(string path, uint mode)
    {
        if (mkfifo(path, mode) != 0)
        {
            throw new PosixException($"mkfifo {path}", LastErrno);
        }
    }

    /// <summary>unlink(2).</summary>
    public static int TryUnlink(string path) => unlink(path) == 0 ? 0 : LastErrno;

    /// <summary>fcntl(2) F_SETPIPE_SZ; false when the kernel's limits for this user forbid it.</summary>
    public static bool TrySetPipeSize(int fd, int bytes) => fcntl(fd, FcntlSetPipeSize, bytes) >= 0;

    /// <summary>flock(2), exclusive, without waiting; false when another open file description holds it.</summary>
    public static bool TryLock(int fd)
    {
        if (flock(fd, LockExclusive | LockNonBlocking) == 0)
        {
            return true;
        }

        return LastErrno == Errno.WouldBlock ? false : throw new PosixException("flock", LastErrno);
    }

    /// <summary>dup2(2). The copy is inherited across exec: only for the three standard descriptors.</summary>
    public static void Duplicate(int from, int to)
    {
        if (dup2(from, to) < 0)
        {
            throw new PosixException($"dup2 to {to}", LastErrno);
        }
    }

    /// <summary>fcntl(2) F_DUPFD_CLOEXEC: a copy that programs don't inherit.</summary>
    public static int DuplicateForSelf(int fd)
    {
        var copy = fcntl(fd, FcntlDuplicateCloseOnExec, LowestFree);
        return copy >= 0 ? copy : throw new PosixException($"fcntl F_DUPFD_CLOEXEC {fd}", LastErrno);
    }

    /// <summary>access(2) with X_OK: errno, EACCES when this user may not execute the file.</summary>
    public static int TryExecuteAccess(string path) => access(path, ExecuteAccess) == 0 ? 0 : LastErrno;

    /// <summary>chmod(2).</summary>
    public static void SetMode(string path, uint mode)
    {
        if (chmod(path, mode) != 0)
        {
            throw new PosixException($"chmod {path}", LastErrno);
        }
    }

    /// <summary>lchown(2): of the file itself, wherever a link points.</summary>
    public static void SetOwner(string path, uint uid, uint gid)
    {
        if (lchown(path, uid, gid) != 0)
        {
            throw new PosixException($"chown {path}", LastErrno);
        }
    }

    /// <summary>rmdir(2).</summary>
    public static int TryRemoveFolder(string path) => rmdir(path) == 0 ? 0 : LastErrno;

    /// <summary>pipe2(2): the end to read from, and the end to write to.</summary>
    public static (int Reader, int Writer) Pipe()
    {
        Span<int> ends = stackalloc int[2];
        return pipe2(ref ends[0], (int)OpenFlags.CloseOnExec) == 0 ? (ends[0], ends[1]) : throw new PosixException("pipe2", LastErrno);
    }

    /// <summary>umask(2); returns the one before.</summary>
    public static uint SetUmask(uint mask) => umask(mask);

    private static int LastErrno => Marshal.GetLastPInvokeError();

    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int open(in byte path, int flags, uint mode);

    [LibraryImport(Libc)]
    private static partial int close(int fd);

    [LibraryImport(Libc, EntryPoint = "read", SetLastError = true)]
    private static partial nint read_(int fd, ref byte buffer, nuint count);

    [LibraryImport(Libc, EntryPoint = "write", SetLastError = true)]
    private static partial nint write_(int fd, in byte buffer, nuint count);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial nint pread(int fd, ref byte buffer, nuint count, long offset);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial nint pwrite(int fd, in byte buffer, nuint count, long offset);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial nint splice(int fdIn, nint offsetIn, int fdOut, nint offsetOut, nuint length, uint flags);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial long lseek(int fd, long offset, int whence);

    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int flock(int fd, int operation);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int dup2(int from, int to);

    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);

    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint owner, uint group);

    [LibraryImport(Libc, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport(Libc, SetLastError = true)]
    private static partial int pipe2(ref int ends, int flags);

    [LibraryImport(Libc)]
    private static partial uint umask(uint mask);
}
