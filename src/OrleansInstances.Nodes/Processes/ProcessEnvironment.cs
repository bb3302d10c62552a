using System.Collections.Immutable;

namespace OrleansInstances.Nodes.Processes;

/// <summary>The environment of an instance's program: a small fixed base and its own variables on top, nothing of the silo's.</summary>
internal static class ProcessEnvironment
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    public static Dictionary<string, string> Compose(string home, ImmutableDictionary<string, string> own)
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = DefaultPath,
            ["HOME"] = home,
            ["LANG"] = "C.UTF-8",
            ["TERM"] = "xterm-256color",
        };
        foreach (var (name, value) in own)
        {
            environment[name] = value;
        }

        return environment;
    }
}
