using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>A program that ends as soon as it is started.</summary>
public sealed class CrashLoopTests
{
    [Fact]
    public async Task It_is_tried_again_with_growing_delays_and_a_stop_between_two_attempts_is_final()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var loop = await CreateAsync(silo);

        await Eventually.Get("a fifth attempt", () => silo.GetAsync(loop), seen => (int)seen["epoch"]! >= 5);
        var delays = Delays(await EventsAsync(silo, loop));
        Assert.InRange(delays[0], 0.18, 0.2);
        Assert.InRange(delays[1], 0.36, 0.4);
        Assert.All(delays.Skip(2).Take(2), delay => Assert.InRange(delay, 0.54, 0.6));

        // Not shorter than it says, by the times of the events.
        var events = await EventsAsync(silo, loop);
        var backoffs = events.Where(happened => (string?)happened["type"] == "backoff").Select(At).ToList();
        var attempts = events.Where(happened => (string?)happened["type"] == "restarted").Select(At).ToList();
        Assert.All(attempts.Zip(backoffs, delays), step => Assert.InRange((step.First - step.Second).TotalSeconds, step.Third - 0.01, double.MaxValue));

        // Stopped in a backoff, it stays stopped while another one, told the same later, comes and goes three times.
        await Eventually.Get("a backoff", () => silo.GetAsync(loop), seen => (string?)seen["state"] == "backoff");
        var stopped = await silo.DoAsync(loop, "stop");
        var other = await CreateAsync(silo);
        await Eventually.Get("another's fourth attempt", () => silo.GetAsync(other), seen => (int)seen["epoch"]! >= 4);

        var seen = await silo.GetAsync(loop);
        Assert.Equal(("stopped", (int)stopped["epoch"]!), ((string?)seen["state"], (int)seen["epoch"]!));
        Assert.Equal("stopped", (string?)(await EventsAsync(silo, loop))[^1]["type"]);
    }

    private static Task<JsonNode> CreateAsync(RunningSilo silo) => silo.CreateAsync(new
    {
        command = new[] { "/bin/false" },
        restart = new { policy = "always", backoff_seconds = 0.2, max_backoff_seconds = 0.6 },
    });

    private static async Task<List<JsonNode>> EventsAsync(RunningSilo silo, JsonNode instance) =>
        [.. (await silo.GetAsync($"/api/instances/{instance["uuid"]}/events")).AsArray().Select(happened => happened!)];

    /// <summary>In seconds, as the events tell them.</summary>
    private static List<double> Delays(List<JsonNode> events) =>
    [
        .. events.Where(happened => (string?)happened["type"] == "backoff")
            .Select(happened => double.Parse(((string)happened["message"]!).Split(' ')[3], CultureInfo.InvariantCulture)),
    ];

    private static DateTimeOffset At(JsonNode happened) => DateTimeOffset.Parse((string)happened["at"]!, CultureInfo.InvariantCulture);
}
