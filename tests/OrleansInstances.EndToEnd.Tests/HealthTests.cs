namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Instances that heal themselves and wait for each other.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task An_unhealthy_instance_is_started_again_and_what_depends_on_its_health_waits_for_it()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var web = await silo.CreateAsync(new
        {
            command = new[] { "/bin/sleep", "1000" },
            health = new { command = new[] { "test", "-e", "well" }, interval_seconds = 0.1, timeout_seconds = 30, retries = 2, restart = true, start_period_seconds = 1 },
            restart = new { backoff_seconds = 0.1 },
            start = false,
        });
        var worker = await silo.CreateAsync(new
        {
            command = new[] { "/bin/cat" },
            depends_on = new[] { new { id = (string)web["id"]!, condition = "healthy" } },
        });
        Assert.Equal("pending", (string?)(await silo.GetAsync(worker))["state"]);
        await Eventually.Get("it to say why", () => silo.GetAsync(worker), seen => ((string?)seen["message"])?.Contains("which is stopped", StringComparison.Ordinal) == true);

        // Nothing makes it healthy: it is stopped and tried again, with a new epoch each time.
        await silo.DoAsync(web, "start");
        await Eventually.Get("a second attempt", () => silo.GetAsync(web), seen => (int)seen["epoch"]! >= 2);
        await File.WriteAllTextAsync(Path.Combine(silo.FilesOf(web), "well"), "");
        var healthy = await Eventually.Get("it to be healthy", () => silo.GetAsync(web), seen => (bool?)seen["healthy"] == true);

        await silo.WaitForStateAsync(worker, "running");
        Assert.Single(ProcessTable.OfInstance((string)web["uuid"]!), pid => ProcessTable.NameOf(pid) == "sleep");

        // Killed, it comes back as it was found, and the next silo goes on checking.
        await silo.KillAsync();
        await silo.StartAsync();
        File.Delete(Path.Combine(silo.FilesOf(web), "well"));
        await Eventually.Get("the next attempt", () => silo.GetAsync(web), seen => (int)seen["epoch"]! > (int)healthy["epoch"]!);
        var events = (await silo.GetAsync($"/api/instances/{web["uuid"]}/events")).AsArray().Select(happened => (string)happened!["type"]!).ToList();
        Assert.Contains("unhealthy", events);
        Assert.Single(events, type => type == "adopted");

        await silo.DoAsync(web, "stop");
        var stopped = await silo.GetAsync(web);
        Assert.Equal(("stopped", null), ((string?)stopped["state"], (bool?)stopped["healthy"]));
    }
}
