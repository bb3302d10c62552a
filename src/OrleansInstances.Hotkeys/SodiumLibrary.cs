namespace OrleansInstances.Hotkeys;

/// <summary>Whether this machine has libsodium, on which all of this room's arithmetic rests.</summary>
public static class SodiumLibrary
{
    /// <summary>What to do on a machine that lacks it.</summary>
    public const string HowToInstall = "libsodium is missing (Debian and Ubuntu: apt-get install libsodium23).";

    /// <summary>False: nothing else of this room can be used until it is installed and the process started again.</summary>
    public static bool IsAvailable { get; } = TryInitialise();

    private static bool TryInitialise()
    {
        try
        {
            return Sodium.Initialise() >= 0;
        }
        catch (DllNotFoundException)
        {
            return false;
        }
    }
}
