using System.Diagnostics;
using System.Text.RegularExpressions;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>The README's sessions, run as they stand: their commands must print what it says they print.</summary>
public sealed partial class ReadmeTests
{
    private const string Address = "http://localhost:3000";

    /// <summary>In the README's order; a later one may use what an earlier one defined.</summary>
    private static readonly string[] Sessions = ["## A first session", "## Keys and scopes", "## What survives", "## The koyeb dialect"];

    [Fact]
    public async Task The_sessions_print_what_the_readme_says()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_API_KEY"] = "";
        await silo.StartAsync();
        var definitions = "";
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"));
        foreach (var (commands, expected) in Sessions.SelectMany(heading => Steps(readme, heading)))
        {
            var script = commands
                .Replace("./dev key", $"OI_DATA={silo.Data} {RunningSilo.Database}='{await silo.DatabaseAsync()}' dotnet {Path.Combine(AppContext.BaseDirectory, "OrleansInstances.Gateway.dll")} key", StringComparison.Ordinal)
                .Replace("data/first-keys.env", Path.Combine(silo.Data, "first-keys.env"), StringComparison.Ordinal)
                .Replace(Address, silo.Http.BaseAddress!.ToString().TrimEnd('/'), StringComparison.Ordinal);

            await Eventually.Get(
                $"\n{commands}\nto print\n{expected}\n",
                () => RunAsync(definitions + script),
                printed => Shape(printed) == Shape(expected),
                seconds: MayBeRepeated(commands) ? 60 : 0);

            definitions += string.Concat(script.Split('\n').Where(line => Definition().IsMatch(line)).Select(line => line + "\n"));
            await Settle(silo);
        }
    }

    /// <summary>What a person's pause between two commands does: nothing is on its way any more.</summary>
    private static Task Settle(RunningSilo silo)
    {
        var key = File.ReadLines(Path.Combine(silo.Data, "first-keys.env")).First()["OI_API_KEY=".Length..];
        silo.Http.DefaultRequestHeaders.Remove("X-API-Key");
        silo.Http.DefaultRequestHeaders.Add("X-API-Key", key);
        return Eventually.Get("no start under way", () => silo.Http.GetStringAsync("/api/instances"), list => !list.Contains("\"starting\"", StringComparison.Ordinal));
    }

    /// <summary>The blocks of commands of a session, each with the block of output that follows it.</summary>
    private static IEnumerable<(string Commands, string Expected)> Steps(string readme, string heading)
    {
        var session = readme[readme.IndexOf(heading, StringComparison.Ordinal)..];
        session = session[..session.IndexOf("\n## ", 4, StringComparison.Ordinal)];
        var steps = Step().Matches(session).Select(step => (step.Groups[1].Value, step.Groups[2].Value)).ToList();
        Assert.Equal(Fence().Count(session), steps.Count);
        return steps;
    }

    /// <summary>They change nothing, or print the same when they can't change it again.</summary>
    private static bool MayBeRepeated(string commands) =>
        commands.Split('\n').All(line => !Change().IsMatch(line) || line.EndsWith("-o /dev/null", StringComparison.Ordinal));

    /// <summary>
    /// Ids, times, amounts and the node's name differ from run to run, and whether a node says within a second what an instance uses; all
    /// else must be the same.
    /// </summary>
    private static string Shape(string text) => Varying().Replace(string.Concat(text.Where(c => c != '\n')), "#");

    private static async Task<string> RunAsync(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-eu"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await shell.StandardInput.WriteAsync(script);
        shell.StandardInput.Close();
        var printed = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"The shell ended with {shell.ExitCode} after printing {printed}");
        return printed;
    }

    [GeneratedRegex(@"```sh\n(.*?)```\n```(?:json|text)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Step();

    [GeneratedRegex("```sh\n")]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(\.\s|\w+\(\)|\w+=)")]
    private static partial Regex Definition();

    [GeneratedRegex(@" -X | -d ['""]|input")]
    private static partial Regex Change();

    [GeneratedRegex(@"oi_[\w-]{43}|inst_\w{22}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)|\d{10}|(?<=""(cpu_percent|memory_mb|disk_mb|uptime_secs)"":)[\d.]+|(?<=""health"":)(null|\{""cpu_percent"":[\d.]+,""memory_mb"":[\d.]+,""disk_mb"":[\d.]+,""last_heartbeat"":\d{10},""uptime_secs"":[\d.]+\})|(?<=""(node|hypervisor)"":"")[^""]+|(?<= on )[\w-]+(?=\.)")]
    private static partial Regex Varying();
}
