using System.Runtime.InteropServices;

namespace OrleansInstances.Cli.Exec;

/// <summary>The terminal that this program was started in.</summary>
internal sealed partial class Terminal
{
    public const int StandardInput = 0;

    private const int Now = 0;
    private const nuint GetWindowSize = 0x5413;

    // struct termios has 60 bytes on Linux; what is in it is only kept and given back.
    private const int AttributeBytes = 256;

    private readonly byte[] _attributes = new byte[AttributeBytes];

    private Terminal()
    {
    }

    /// <summary>Columns and rows.</summary>
    public (int Width, int Height) Size
    {
        get
        {
            Span<ushort> size = stackalloc ushort[4];
            return Control(StandardInput, GetWindowSize, size) == 0 ? (size[1], size[0]) : (0, 0);
        }
    }

    /// <summary>Null unless both input and output are a terminal of Linux.</summary>
    public static Terminal? Find() =>
        OperatingSystem.IsLinux() && !Console.IsInputRedirected && !Console.IsOutputRedirected ? new Terminal() : null;

    /// <summary>From now on every key goes through, Ctrl-C too; as it was when disposed.</summary>
    public IDisposable MakeRaw()
    {
        if (GetAttributes(StandardInput, ref _attributes[0]) != 0)
        {
            throw new IOException($"The terminal can't be asked: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var raw = (byte[])_attributes.Clone();
        MakeAttributesRaw(ref raw[0]);
        _ = SetAttributes(StandardInput, Now, ref raw[0]);
        return new Restore(this);
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetAttributes(int fd, ref byte attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int fd, int when, ref byte attributes);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeAttributesRaw(ref byte attributes);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int fd, nuint call, Span<ushort> size);

    private sealed class Restore(Terminal terminal) : IDisposable
    {
        public void Dispose() => _ = SetAttributes(StandardInput, Now, ref terminal._attributes[0]);
    }
}
