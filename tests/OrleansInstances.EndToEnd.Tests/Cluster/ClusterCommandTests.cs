using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary><c>./dev cluster</c>, with a single node.</summary>
[Collection(ClusterScript.Collection)]
public sealed partial class ClusterCommandTests
{
    private readonly string _address = $"http://localhost:{FreePort.Find()}";

    [NeedsClusterFact]
    public async Task It_runs_until_it_is_told_to_end_and_leaves_nothing_behind()
    {
        using var script = Start();
        var printed = "";
        while (!printed.Contains("Ctrl-C", StringComparison.Ordinal))
        {
            var line = await script.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"It ended:\n{printed}{await script.StandardError.ReadToEndAsync()}");
            printed += $"{line}\n";
        }

        using var http = new HttpClient { BaseAddress = new Uri(_address) };
        http.DefaultRequestHeaders.Add("X-API-Key", Key().Match(printed).Groups[1].Value);
        var node = Assert.Single((await http.GetFromJsonAsync<JsonArray>("/api/nodes"))!)!;
        Assert.Equal(("node-1", "up"), ((string?)node["name"], (string?)node["state"]));
        using var made = await http.PostAsJsonAsync("/api/instances", new { command = new[] { "sleep", "1000" } });
        var instance = (await made.Content.ReadFromJsonAsync<JsonNode>())!;
        await Eventually.Holds("its process", () => ProcessTable.OfInstance((string)instance["uuid"]!).Count == 1);
        using var second = Start();
        var (code, _, errors) = await second.EndAsync();
        Assert.Equal(1, code);
        Assert.Contains($"{_address} is taken, by process ", errors, StringComparison.Ordinal);
        Assert.Contains("OrleansInstances.Gateway.dll", errors, StringComparison.Ordinal);

        RunningSilo.Terminate(script.Id);
        await script.EndAsync();
        Assert.Empty(ProcessTable.OfInstance((string)instance["uuid"]!));
        var folder = Folder().Match(printed).Groups[1].Value;
        Assert.Empty(ProcessTable.WithArgument(folder));
        Assert.False(Directory.Exists(folder));
    }

    private System.Diagnostics.Process Start() => ClusterScript.Start("cluster.sh", "1", ("ASPNETCORE_URLS", _address));

    [GeneratedRegex("The key of all: ([0-9a-f]+)")]
    private static partial Regex Key();

    [GeneratedRegex(@"data are in (\S+?)\. ")]
    private static partial Regex Folder();
}
