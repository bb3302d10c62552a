using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>
/// PostgreSQL crashes under load, stays away, and comes back. <c>OI_TEST_OUTAGE_SECONDS</c> says for how long; the short
/// default hits the same stages, a minute also outlasts what silo and keys remember.
/// </summary>
public sealed class DatabaseOutageTests
{
    private const int Restarters = 6;

    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("OI_TEST_OUTAGE_SECONDS") ?? "6", CultureInfo.InvariantCulture));

    [Fact]
    public async Task No_acknowledged_command_is_lost_or_done_twice()
    {
        await using var postgres = await PostgresServer.StartNewAsync();
        await using var silo = new RunningSilo();
        silo.Settings[RunningSilo.Database] = await postgres.CreateDatabaseAsync();
        await silo.StartAsync();
        var creator = new OutageCreator(silo);
        List<OutageClient> clients = [creator, await OutageTalker.CreateAsync(silo)];
        for (var i = 0; i < Restarters; i++)
        {
            clients.Add(await OutageRestarter.CreateAsync(silo));
        }

        using var end = new CancellationTokenSource();
        var load = clients.Select(client => Task.Run(() => client.RunAsync(end.Token))).ToList();
        await EachIsAcknowledgedAsync(clients, load);

        await postgres.StopAsync(immediate: true);
        await Eventually.Holds("commands to be refused", () => creator.Refused > 0);
        await AssertTellsThatTheDatabaseIsAwayAsync(silo);
        await Task.Delay(Outage);
        await postgres.StartAsync();
        await Eventually.Get("the silo to be ready again", () => StatusAsync(silo, "/health/ready"), status => status == HttpStatusCode.OK);
        await EachIsAcknowledgedAsync(clients, load);
        await end.CancelAsync();
        await Task.WhenAll(load);

        foreach (var client in clients)
        {
            await client.AssertNothingLostOrDoneTwiceAsync();
        }
    }

    private static async Task EachIsAcknowledgedAsync(IReadOnlyList<OutageClient> clients, IEnumerable<Task> load)
    {
        var before = clients.Select(client => client.Acknowledged).ToList();
        var heard = Eventually.Holds(
            "every client to have five more commands acknowledged",
            () => clients.Select((client, i) => client.Acknowledged >= before[i] + 5).All(enough => enough));

        // What breaks the load says more than that nothing is acknowledged.
        await await Task.WhenAny([heard, .. load]);
    }

    private static async Task AssertTellsThatTheDatabaseIsAwayAsync(RunningSilo silo)
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(silo, "/health/live"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(silo, "/health/ready"));
        using var list = await silo.Http.GetAsync("/api/instances");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, list.StatusCode);
        Assert.NotNull(list.Headers.RetryAfter);
        Assert.Equal("storage_unavailable", (string?)JsonNode.Parse(await list.Content.ReadAsStringAsync())!["code"]);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningSilo silo, string path)
    {
        using var response = await silo.Http.GetAsync(path);
        return response.StatusCode;
    }
}
