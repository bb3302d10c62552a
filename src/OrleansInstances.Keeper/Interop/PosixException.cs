using System.Runtime.InteropServices;

namespace OrleansInstances.Keeper.Interop;

/// <summary>A system call failed.</summary>
/// <param name="what">What was attempted, with the path or process it was about.</param>
/// <param name="errno">The call's errno; its text becomes part of the message.</param>
internal sealed class PosixException(string what, int errno)
    : IOException($"{what}: {Marshal.GetPInvokeErrorMessage(errno)}")
{
    public int Errno { get; } = errno;
}
