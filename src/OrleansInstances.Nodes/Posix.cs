using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansInstances.Nodes;

/// <summary>The few calls of Linux that .NET has no equal for: writing a FIFO without ever waiting, and reading /proc cheaply.</summary>
internal static partial class Posix
{
    /// <summary>errno of a FIFO that nobody has open for reading.</summary>
    public const int ENXIO = 6;

    /// <summary>errno of a full FIFO.</summary>
    public const int EAGAIN = 11;

    /// <summary>errno of a FIFO whose last reader has gone.</summary>
    public const int EPIPE = 32;

    private const int EINTR = 4;
    private const int O_WRONLY = 0x1;
    private const int O_NONBLOCK = 0x800;
    private const int O_CLOEXEC = 0x80000;
    private const int F_SETPIPE_SZ = 1031;
    private const nuint WindowSizeCall = 0x5414;

    /// <summary>open(2), O_WRONLY | O_NONBLOCK | O_CLOEXEC: the handle, or null with the errno.</summary>
    public static SafeFileHandle? OpenFifoForWriting(string path, out int errno) =>
        OpenHandle(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, out errno);

    /// <summary>open(2), one read(2), close(2): how many bytes a file of /proc gave; 0 when it can't be read.</summary>
    public static int ReadSmallFile(string path, Span<byte> buffer)
    {
        using var handle = OpenHandle(path, O_CLOEXEC, out _);
        return handle is null ? 0 : (int)Math.Max(0, Read(handle, buffer, (nuint)buffer.Length));
    }

    /// <summary>ioctl TIOCSWINSZ: gives a terminal a size, and whoever is in its foreground SIGWINCH. Harmless once it is gone.</summary>
    public static void SetWindowSize(SafeHandle terminal, ushort columns, ushort rows)
    {
        Span<ushort> size = [rows, columns, 0, 0];
        _ = SetTerminal(terminal, WindowSizeCall, size);
    }

    /// <summary>fcntl F_SETPIPE_SZ, of either end. What there is no room for stays as it is.</summary>
    public static void EnlargePipe(SafeHandle pipe, int bytes) => _ = ControlFile(pipe, F_SETPIPE_SZ, bytes);

    private static SafeFileHandle? OpenHandle(string path, int flags, out int errno)
    {
        var fd = Open(path, flags);
        errno = fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        return fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);
    }

    /// <summary>write(2): how many bytes were taken, from the first on; errno is set when that is fewer than offered.</summary>
    public static int Write(SafeFileHandle handle, ReadOnlySpan<byte> data, out int errno)
    {
        var taken = 0;
        errno = 0;
        while (taken < data.Length)
        {
            var written = Write(handle, data[taken..], (nuint)(data.Length - taken));
            if (written >= 0)
            {
                taken += (int)written;
                continue;
            }

            errno = Marshal.GetLastPInvokeError();
            if (errno != EINTR)
            {
                return taken;
            }

            errno = 0;
        }

        return taken;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int ControlFile(SafeHandle handle, int command, int argument);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle handle, Span<byte> data, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle handle, ReadOnlySpan<byte> data, nuint count);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int SetTerminal(SafeHandle handle, nuint call, Span<ushort> size);
}
