using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Survival;

/// <summary>An instance whose program notes each of its starts before it does anything else.</summary>
/// <param name="silo">Who is asked about it.</param>
/// <param name="node">The silo of the node that it runs on.</param>
/// <param name="instance">As it was created.</param>
internal sealed class OnlyCopy(RunningSilo silo, RunningSilo node, JsonNode instance)
{
    /// <summary>To put in front of a shell script.</summary>
    public const string NoteStart = "echo $$ >> starts; ";

    public string Id { get; } = (string)instance["uuid"]!;

    /// <summary>It runs, was started once, and is still on its first epoch.</summary>
    public async Task AssertRunsAsync()
    {
        var shown = await silo.WaitForStateAsync(instance, "running");

        Assert.Equal(1, (int?)shown["epoch"]);
        var pid = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(node.FilesOf(instance), "starts")));
        Assert.Contains(int.Parse(pid, System.Globalization.CultureInfo.InvariantCulture), ProcessTable.OfInstance(Id));
    }

    /// <summary>The console from an offset on, which must still be there.</summary>
    public async Task<byte[]> ReadAsync(long from)
    {
        using var answer = await silo.Http.GetAsync($"/api/instances/{Id}/logs?format=raw&from={from}");
        answer.EnsureSuccessStatusCode();
        Assert.Equal($"{from}", answer.Headers.GetValues("X-Console-Offset").Single());
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
