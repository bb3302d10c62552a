using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Real processes in each status that lasts, as koyeb's clients see them.</summary>
public sealed class KoyebTests : IAsyncLifetime
{
    private readonly RunningSilo _silo = new();

    public Task InitializeAsync() => _silo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task Instances_in_every_status_are_listed_filtered_and_told_with_what_happened_to_them()
    {
        string[] cat = ["/bin/cat"];
        var failing = new { command = new[] { "/bin/false" }, interval_seconds = 0.1, retries = 1 };
        var expected = new Dictionary<string, (JsonNode Instance, string Status)>
        {
            ["waits"] = (await CreateAsync("waits", new { command = cat, node = "elsewhere", region = "mars" }), "ALLOCATING"),
            ["works"] = (await CreateAsync("works", new { command = cat }), "HEALTHY"),
            ["ails"] = (await CreateAsync("ails", new { command = cat, health = failing }), "UNHEALTHY"),
            ["retries"] = (await CreateAsync("retries", new { command = new[] { "/bin/false" }, restart = new { policy = "always", backoff_seconds = 1000, max_backoff_seconds = 1000 } }), "UNHEALTHY"),
            ["sleeps"] = (await CreateAsync("sleeps", new { command = cat }), "SLEEPING"),
            ["stops"] = (await CreateAsync("stops", new { command = new[] { "/bin/sh", "-c", "trap '' TERM; echo on; while :; do sleep 1; done" }, stop = new { timeout_seconds = 600 } }), "STOPPING"),
            ["done"] = (await CreateAsync("done", new { command = new[] { "/bin/true" } }), "STOPPED"),
            ["rests"] = (await CreateAsync("rests", new { command = cat, start = false }), "STOPPED"),
            ["fails"] = (await CreateAsync("fails", new { command = new[] { "/bin/sh", "-c", "sleep 0.5; exit 7" } }), "ERROR"),
        };
        await _silo.WaitForStateAsync(expected["sleeps"].Instance, "running");
        await _silo.DoAsync(expected["sleeps"].Instance, "pause");
        await Eventually.Get("the trap", () => _silo.OutputOfAsync(expected["stops"].Instance), output => output == "on\n");
        var stop = _silo.PostAsync(expected["stops"].Instance, "stop");

        var list = await Eventually.Get(
            "every instance to be in its status",
            () => _silo.GetAsync("/v1/instances?app_id=all&limit=100&order=asc"),
            seen => expected.Values.Select(one => one.Status).SequenceEqual(seen["instances"]!.AsArray().Select(instance => (string)instance!["status"]!)));
        Assert.Equal(expected.Keys, list["instances"]!.AsArray().Select(instance => (string)instance!["service_id"]!));
        Assert.Equal((9, "mars"), ((int)list["count"]!, (string?)list["instances"]![0]!["region"]));
        foreach (var (name, (instance, status)) in expected)
        {
            Assert.Contains(name, NamesOf(await _silo.GetAsync($"/v1/instances?app_id=all&statuses={status}")));
            var one = (await _silo.GetAsync($"/v1/instances/{instance["uuid"]}"))["instance"]!;
            Assert.Equal(
                (status, name is not ("waits" or "rests"), name == "done", name is "done" or "fails"),
                ((string)one["status"]!, one["started_at"] is not null, one["succeeded_at"] is not null, one["terminated_at"] is not null));
        }

        await AssertPeriodsAsync(list);
        await AssertEventsAsync(expected["fails"].Instance, ["created", "scheduled", "starting", "started", "exited", "failed"]);
        Assert.Equal(
            ["created"], (await EventsAsync($"instance_ids={expected["rests"].Instance["uuid"]}&instance_ids={expected["works"].Instance["uuid"]}&types=created&limit=1")).Select(TypeOf));

        await _silo.DoAsync(expected["stops"].Instance, "kill");
        (await stop).Dispose();
    }

    /// <summary>What had ended before the last was created is not in a time after that.</summary>
    private async Task AssertPeriodsAsync(JsonNode list)
    {
        var done = (await _silo.GetAsync($"/v1/instances/{list["instances"]!.AsArray().Single(instance => (string)instance!["service_id"]! == "done")!["id"]}"))["instance"]!;
        var end = (DateTime)done["terminated_at"]!;

        Assert.Contains("done", NamesOf(await _silo.GetAsync($"/v1/instances?limit=100&starting_time={end:O}")));
        Assert.DoesNotContain("done", NamesOf(await _silo.GetAsync($"/v1/instances?limit=100&starting_time={end.AddMilliseconds(1):O}")));
        Assert.Empty(NamesOf(await _silo.GetAsync("/v1/instances?ending_time=2020-01-01T00:00:00.000000%2B0100")));
    }

    private async Task AssertEventsAsync(JsonNode instance, string[] types)
    {
        var events = await EventsAsync($"instance_ids={instance["uuid"]}&order=asc");

        Assert.Equal(types, events.Select(TypeOf));
        Assert.Equal("7", (string?)events.Single(happened => TypeOf(happened) == "exited")!["metadata"]!["exit_code"]);
        Assert.All(events, happened => Assert.Equal(("admin", (string)instance["uuid"]!), ((string)happened!["organization_id"]!, (string)happened["instance_id"]!)));
        Assert.All(events.Skip(2), happened => Assert.Equal("1", (string?)happened!["metadata"]!["epoch"]));
        Assert.Equal(types.Length, events.Select(happened => (Guid)happened!["id"]!).Distinct().Count());
    }

    private Task<JsonNode> CreateAsync(string service, object body)
    {
        var request = System.Text.Json.JsonSerializer.SerializeToNode(body)!;
        request["app_id"] = "all";
        request["service_id"] = service;
        return _silo.CreateAsync(request);
    }

    private async Task<JsonArray> EventsAsync(string query) => (await _silo.GetAsync($"/v1/instance_events?{query}"))["events"]!.AsArray();

    private static IEnumerable<string> NamesOf(JsonNode list) => list["instances"]!.AsArray().Select(instance => (string)instance!["service_id"]!);

    private static string TypeOf(JsonNode? happened) => (string)happened!["type"]!;
}
