namespace OrleansInstances.Keeper.Interop;

/// <summary>The numbers of errno(3) that the keeper tells apart, the same on x64 and arm64.</summary>
internal static class Errno
{
    public const int PermissionDenied = 1;
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int NoExec = 8;
    public const int WouldBlock = 11;
    public const int Access = 13;
    public const int Invalid = 22;
    public const int NoReader = 6;
    public const int FileTableFull = 23;
    public const int TooManyFiles = 24;
    public const int NoSpace = 28;
    public const int BrokenPipe = 32;
}
