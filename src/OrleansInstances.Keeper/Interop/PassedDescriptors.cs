using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

/// <summary>
/// Descriptors sent along with bytes over a unix socket: unix(7) SCM_RIGHTS. Shared by the keeper, which sends, and the
/// silo, which receives.
/// </summary>
public static unsafe partial class PassedDescriptors
{
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int DoNotWait = 0x40;
    private const int CloseOnExec = 0x4000_0000;
    private const int HeaderBytes = 16;

    /// <summary>The most in one message.</summary>
    public const int Max = 4;

    /// <summary>sendmsg(2), without waiting. errno; the copies that were sent are the receiver's, ours stay open.</summary>
    internal static int TrySend(int socket, ReadOnlySpan<byte> data, ReadOnlySpan<int> descriptors)
    {
        var control = stackalloc byte[HeaderBytes + Max * sizeof(int)];
        var length = HeaderBytes + descriptors.Length * sizeof(int);
        *(ControlHeader*)control = new ControlHeader { Length = (nuint)length, Level = SocketLevel, Type = Rights };
        descriptors.CopyTo(new Span<int>(control + HeaderBytes, Max));
        fixed (byte* bytes = data)
        {
            var piece = new Piece { Base = bytes, Length = (nuint)data.Length };
            var message = new Message { Pieces = &piece, PieceCount = 1, Control = control, ControlLength = (nuint)length };
            var sent = sendmsg(socket, &message, NoSignal | DoNotWait);
            return sent < 0 ? Marshal.GetLastPInvokeError() : sent == data.Length ? 0 : Errno.WouldBlock;
        }
    }

    /// <summary>recvmsg(2), without waiting: bytes, and the descriptors that came with them, close-on-exec and the caller's to close.</summary>
    /// <param name="descriptors">Room for <see cref="Max"/>.</param>
    /// <returns>errno; EAGAIN (11) when nothing is there.</returns>
    public static int TryReceive(SafeHandle socket, Span<byte> buffer, Span<int> descriptors, out int read, out int count)
    {
        const int ControlBytes = HeaderBytes + Max * sizeof(int);
        var control = stackalloc byte[ControlBytes];
        nint received;
        fixed (byte* bytes = buffer)
        {
            var piece = new Piece { Base = bytes, Length = (nuint)buffer.Length };
            var message = new Message { Pieces = &piece, PieceCount = 1, Control = control, ControlLength = ControlBytes };
            received = recvmsg(socket, &message, DoNotWait | CloseOnExec);
            var header = (ControlHeader*)control;
            var hasRights = received >= 0 && message.ControlLength >= HeaderBytes && header->Level == SocketLevel && header->Type == Rights;
            count = hasRights ? (int)(header->Length - HeaderBytes) / sizeof(int) : 0;
        }

        new ReadOnlySpan<int>(control + HeaderBytes, count).CopyTo(descriptors);
        read = (int)Math.Max(received, 0);
        return received < 0 ? Marshal.GetLastPInvokeError() : 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeHandle socket, Message* message, int flags);

    // struct iovec, cmsghdr and msghdr of 64-bit Linux.
    [StructLayout(LayoutKind.Sequential)]
    private struct Piece
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nuint PieceCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
