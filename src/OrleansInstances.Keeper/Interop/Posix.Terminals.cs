using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

/// <summary>Pseudo-terminals, pty(7).</summary>
internal static partial class Posix
{
    private const int NoControllingTerminal = 0x100;

    // asm-generic/ioctls.h, the same on x64 and arm64.
    private const nuint SetWindowSizeCall = 0x5414;
    private const nuint TerminalNumberCall = 0x8004_5430;
    private const nuint TerminalLockCall = 0x4004_5431;

    private const uint SameGroup = uint.MaxValue;

    /// <summary>A new pseudo-terminal: the descriptor that controls it, and the path of its device.</summary>
    /// <param name="owner">To whom the device belongs; null is this process's user.</param>
    public static (int Controller, string Device) OpenTerminal(ushort columns, ushort rows, uint? owner)
    {
        var controller = Open("/dev/ptmx", OpenFlags.ReadWrite | (OpenFlags)NoControllingTerminal);
        try
        {
            Span<int> number = [0];
            ControlTerminal(controller, TerminalLockCall, MemoryMarshal.AsBytes(number), "TIOCSPTLCK");
            ControlTerminal(controller, TerminalNumberCall, MemoryMarshal.AsBytes(number), "TIOCGPTN");
            Span<ushort> size = [rows, columns, 0, 0];
            ControlTerminal(controller, SetWindowSizeCall, MemoryMarshal.AsBytes(size), "TIOCSWINSZ");
            var device = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/dev/pts/{number[0]}");
            if (owner is { } uid)
            {
                SetOwner(device, uid, SameGroup);
            }

            return (controller, device);
        }
        catch
        {
            Close(controller);
            throw;
        }
    }

    private static void ControlTerminal(int fd, nuint call, Span<byte> argument, string name)
    {
        if (ioctl(fd, call, ref argument[0]) != 0)
        {
            throw new PosixException($"ioctl {name}", LastErrno);
        }
    }
}
