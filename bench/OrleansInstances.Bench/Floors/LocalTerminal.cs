using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansInstances.Bench.Floors;

/// <summary>A pseudo-terminal of this very process that nobody reads: what is typed into it comes back as its echo.</summary>
internal sealed partial class LocalTerminal : IDisposable
{
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;

    private readonly SafeHandle _device;

    public LocalTerminal()
    {
        var controller = OpenController(ReadWrite | NoControllingTerminal);
        if (controller < 0 || Unlock(controller) != 0)
        {
            throw new IOException("There are no pseudo-terminals.");
        }

        _device = new SafeSocketHandle(OpenPath(Marshal.PtrToStringUTF8(NameOf(controller))!, ReadWrite | NoControllingTerminal), ownsHandle: true);
        Controller = new Socket(new SafeSocketHandle(controller, ownsHandle: true));
    }

    public Socket Controller { get; }

    public void Dispose()
    {
        Controller.Dispose();
        _device.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt")]
    private static partial int OpenController(int flags);

    [LibraryImport("libc", EntryPoint = "unlockpt")]
    private static partial int Unlock(int fd);

    [LibraryImport("libc", EntryPoint = "ptsname")]
    private static partial nint NameOf(int fd);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenPath(string path, int flags);
}
