namespace OrleansInstances.Keeper.Interop;

/// <summary>Numbers of signal(7), the same on x64 and arm64.</summary>
internal static class Signals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
}
