using System.Collections.Frozen;

namespace OrleansInstances.Nodes;

/// <summary>Signal names and their Linux numbers (signal(7), x86 and ARM). Read with or without <c>SIG</c>, in any case.</summary>
public static class SignalName
{
    public const int Kill = 9;

    private static readonly FrozenDictionary<string, int> Numbers = new Dictionary<string, int>
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["ILL"] = 4,
        ["TRAP"] = 5,
        ["ABRT"] = 6,
        ["BUS"] = 7,
        ["FPE"] = 8,
        ["KILL"] = Kill,
        ["USR1"] = 10,
        ["SEGV"] = 11,
        ["USR2"] = 12,
        ["PIPE"] = 13,
        ["ALRM"] = 14,
        ["TERM"] = 15,
        ["STKFLT"] = 16,
        ["CHLD"] = 17,
        ["CONT"] = 18,
        ["STOP"] = 19,
        ["TSTP"] = 20,
        ["TTIN"] = 21,
        ["TTOU"] = 22,
        ["URG"] = 23,
        ["XCPU"] = 24,
        ["XFSZ"] = 25,
        ["VTALRM"] = 26,
        ["PROF"] = 27,
        ["WINCH"] = 28,
        ["IO"] = 29,
        ["PWR"] = 30,
        ["SYS"] = 31,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<int, string> Names = Numbers.ToFrozenDictionary(pair => pair.Value, pair => "SIG" + pair.Key);

    public static bool TryParse(string name, out int number)
    {
        var bare = name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        return Numbers.TryGetValue(bare, out number);
    }

    /// <summary>The name with <c>SIG</c> in front; a realtime signal is given as <c>signal n</c>.</summary>
    public static string Format(int number) => Names.TryGetValue(number, out var name) ? name : $"signal {number}";
}
