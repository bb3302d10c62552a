using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Input that is offered faster than it is read.</summary>
public sealed class StdinTests
{
    private const int Pieces = 13;

    /// <summary>13 times the largest body is 104 MiB.</summary>
    [Fact]
    public async Task A_program_that_never_reads_costs_no_memory_and_its_sender_knows_what_was_taken()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var deaf = await silo.CreateAsync("/bin/sh", "-c", "while [ ! -e go ]; do sleep 0.02; done; exec wc -c");
        await silo.WaitForStateAsync(deaf, "running");
        var body = Encoding.ASCII.GetBytes(new string('x', 8 * 1024 * 1024));
        var taken = await OfferAsync(silo, deaf, body);
        var keeper = await ProcessTable.KeeperAsync(silo.Data);
        var (siloBefore, keeperBefore) = (ProcessTable.PrivateBytes(silo.Pid), ProcessTable.PrivateBytes(keeper));

        for (var i = 0; i < Pieces; i++)
        {
            taken += await OfferAsync(silo, deaf, body);
        }

        Assert.InRange(ProcessTable.PrivateBytes(silo.Pid) - siloBefore, long.MinValue, 10 * 1024 * 1024);
        Assert.InRange(ProcessTable.PrivateBytes(keeper) - keeperBefore, long.MinValue, 10 * 1024 * 1024);
        using var closed = await silo.Http.PostAsync($"/api/instances/{deaf["uuid"]}/input?close=true", null);
        Assert.Equal(HttpStatusCode.OK, closed.StatusCode);
        await File.WriteAllTextAsync(Path.Combine(silo.FilesOf(deaf), "go"), "");
        await silo.WaitForStateAsync(deaf, "stopped");
        Assert.Equal(taken, int.Parse(await silo.OutputOfAsync(deaf), CultureInfo.InvariantCulture));
    }

    private static async Task<int> OfferAsync(RunningSilo silo, JsonNode instance, byte[] body)
    {
        using var answer = await silo.Http.PostAsync($"/api/instances/{instance["uuid"]}/input", new ByteArrayContent(body));
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        return (int)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["taken"]!;
    }
}
