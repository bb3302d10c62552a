using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>The silo is killed with SIGKILL and started again.</summary>
public sealed class SiloDeathTests
{
    [Fact]
    public async Task What_runs_outlives_the_silo_and_is_adopted()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var asked = Stopwatch.StartNew();
        var cat = await silo.CreateAsync("/bin/cat");
        await silo.WaitForStateAsync(cat, "running");
        var ran = Stopwatch.StartNew();
        await silo.InputAsync(cat, "before\n");
        var process = Assert.Single(ProcessTable.OfInstance((string)cat["uuid"]!));

        await silo.KillAsync();
        await silo.StartAsync();

        var adopted = await silo.GetAsync(cat);
        Assert.Equal(("running", 1), ((string?)adopted["state"], (int?)adopted["epoch"]));
        Assert.Equal([process], ProcessTable.OfInstance((string)cat["uuid"]!));
        var atLeast = (int)ran.Elapsed.TotalSeconds;
        var health = await Eventually.Get("what it uses", () => silo.AskAsync($"/api/instances/{cat["uuid"]}/health"), seen => seen is not null);
        Assert.InRange((int)health!["uptime_secs"]!, atLeast, (int)asked.Elapsed.TotalSeconds);
        await silo.InputAsync(cat, "after\n");
        await Eventually.Get("both echoes", () => silo.OutputOfAsync(cat), output => output == "before\nafter\n");
        await Eventually.Get("the event", () => silo.GetAsync($"/api/instances/{cat["uuid"]}/events"), events => events.ToJsonString().Contains("\"adopted\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_exit_while_the_silo_was_away_is_known_with_its_code()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var brief = await silo.CreateAsync("/bin/sh", "-c", "while [ ! -e gone ]; do sleep 0.02; done; exit 7");
        await silo.WaitForStateAsync(brief, "running");
        var id = (string)brief["uuid"]!;

        await silo.KillAsync();
        var told = DateTimeOffset.UtcNow;
        await File.WriteAllTextAsync(Path.Combine(silo.FilesOf(brief), "gone"), "");
        var record = Path.Combine(Path.GetDirectoryName(silo.FilesOf(brief))!, "run.json");
        await Eventually.Get("its keeper to note the end", () => File.ReadAllTextAsync(record), run => run.Contains("\"ended_at\"", StringComparison.Ordinal));
        var gone = DateTimeOffset.UtcNow;
        await silo.StartAsync();

        var ended = await silo.WaitForStateAsync(brief, "failed");
        Assert.Equal(7, (int?)ended["exit_code"]);
        var exited = Assert.Single((await silo.GetAsync($"/api/instances/{id}/events?type=exited")).AsArray())!;
        Assert.InRange(DateTimeOffset.Parse((string)exited["at"]!, CultureInfo.InvariantCulture), told.AddSeconds(-1), gone.AddSeconds(1));
    }

    /// <summary>Each round kills the silo a little later into a burst of starts and stops, so that all of their stages are hit.</summary>
    [Fact]
    public async Task Killed_at_any_point_of_a_start_or_a_stop_nothing_is_stuck_and_nothing_runs_twice()
    {
        const int rounds = 12;
        const int instances = 8;
        await using var silo = await RunningSilo.StartNewAsync();
        var all = new List<JsonNode>();
        for (var i = 0; i < instances; i++)
        {
            all.Add(await silo.CreateAsync("/bin/cat"));
        }

        var random = new Random(20261122);
        for (var round = 0; round < rounds; round++)
        {
            var requests = all.Select(instance => TryAsync(silo, instance, random.Next(3) switch { 0 => "stop", 1 => "start", _ => "restart" })).ToList();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 40)));
            await silo.KillAsync();
            await Task.WhenAll(requests);
            await silo.StartAsync();

            foreach (var instance in all)
            {
                var settled = await Eventually.Get(
                    "a state that is not transitional",
                    () => silo.GetAsync(instance),
                    seen => (string?)seen["state"] is not ("starting" or "stopping" or "pausing" or "pending"));
                var running = ProcessTable.OfInstance((string)instance["uuid"]!);
                Assert.Equal((string?)settled["state"] == "running" ? 1 : 0, running.Count);
            }
        }
    }

    /// <summary>A request whose answer the silo's death may cut off.</summary>
    private static async Task TryAsync(RunningSilo silo, JsonNode instance, string verb)
    {
        try
        {
            using var response = await silo.PostAsync(instance, verb);
        }
        catch (HttpRequestException)
        {
            // The silo died before it answered, which is what this test is about.
        }
    }
}
