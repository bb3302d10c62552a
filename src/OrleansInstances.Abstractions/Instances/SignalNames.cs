using System.Globalization;

namespace OrleansInstances.Instances;

/// <summary>Linux signals by name, signal(7), as numbered on x86-64 and arm64.</summary>
public static class SignalNames
{
    /// <summary>The number of SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>Index is the number.</summary>
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>Reads <c>SIGTERM</c> or <c>term</c>; false for what is no signal's name.</summary>
    public static bool TryParse(string? name, out int number)
    {
        var plain = name is { Length: > 3 } && name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        number = string.IsNullOrEmpty(plain)
            ? -1
            : Array.FindIndex(Names, known => known.Equals(plain, StringComparison.OrdinalIgnoreCase));
        return number > 0;
    }

    /// <summary>The name with SIG; <c>SIG</c> and the number for those without a name.</summary>
    public static string Format(int number) => number > 0 && number < Names.Length
        ? "SIG" + Names[number]
        : string.Create(CultureInfo.InvariantCulture, $"SIG{number}");
}
