namespace OrleansInstances.Keeper.Interop;

/// <summary>How a process ended.</summary>
/// <param name="Code">0 to 255; 128 + n for a signal n.</param>
/// <param name="Signal">The signal's number; null after an exit of its own.</param>
internal readonly record struct ExitStatus(int Code, int? Signal)
{
    public static ExitStatus Exit(int code) => new(code & 0xFF, null);

    public static ExitStatus Killed(int signal) => new(128 + signal, signal);

    /// <summary>From the word that wait(2) gives: the signal in the low 7 bits, else the code in the next byte.</summary>
    public static ExitStatus FromWaitStatus(int status) =>
        (status & 0x7F) == 0 ? Exit(status >> 8) : Killed(status & 0x7F);
}
