using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>A silo that stands still, as a hung machine's does, can't keep the keeper from what it has to do.</summary>
public sealed class FenceTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lease_that_runs_out_while_the_silo_is_stopped_ends_what_may_move_and_nothing_else(bool armed)
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var moving = await CreateAsync(silo, "move", 5);
        var waiting = await CreateAsync(silo, "wait", 5);
        var deadline = armed ? await GrantAsync(silo.Data, Lease) : default;

        silo.Freeze();
        if (armed)
        {
            await Eventually.Holds("all that may move to be dead", () => moving.TrueForAll(instance => Processes(instance) == 0));
        }
        else
        {
            // However long the silo is away; this is how long the lease and its margin would have been.
            await Task.Delay(Lease + Margin);
            Assert.All(moving, instance => Assert.Equal(1, Processes(instance)));
        }

        Assert.All(waiting, instance => Assert.Equal(1, Processes(instance)));
        silo.Thaw();
        foreach (var instance in waiting)
        {
            Assert.Equal(("running", 1), ((string?)(await silo.GetAsync(instance))["state"], (int?)instance["epoch"]));
        }

        // What may move goes on wherever it may, which here is nowhere before the next lease.
        foreach (var instance in armed ? moving : [])
        {
            var events = await Eventually.Get(
                "the event",
                () => silo.GetAsync($"/api/instances/{instance["uuid"]}/events?type=fenced"),
                happened => happened.AsArray().Count > 0);
            Assert.Contains("lease", (string?)events[0]!["message"], StringComparison.Ordinal);

            // The keeper's word: when this test sees a process end depends on what else the machine does.
            Assert.InRange(DateTimeOffset.Parse((string)events[0]!["at"]!, CultureInfo.InvariantCulture), deadline - TimeSpan.FromSeconds(1), deadline + Margin);
        }
    }

    private static int Processes(JsonNode instance) => ProcessTable.OfInstance((string)instance["uuid"]!).Count;

    private static async Task<List<JsonNode>> CreateAsync(RunningSilo silo, string onNodeLoss, int count)
    {
        var created = new List<JsonNode>();
        for (var i = 0; i < count; i++)
        {
            created.Add(await silo.CreateAsync(new { command = new[] { "/bin/sleep", "1000" }, on_node_loss = onNodeLoss }));
        }

        foreach (var instance in created)
        {
            await silo.WaitForStateAsync(instance, "running");
        }

        return created;
    }

    /// <summary>What a cluster's silo tells its keeper whenever it has renewed its lease.</summary>
    /// <returns>When it runs out.</returns>
    private static async Task<DateTimeOffset> GrantAsync(string dataFolder, TimeSpan lease)
    {
        var upSeconds = double.Parse((await File.ReadAllTextAsync("/proc/uptime")).Split(' ')[0], CultureInfo.InvariantCulture);
        var deadline = DateTimeOffset.UtcNow + lease;
        var until = (long)((upSeconds + lease.TotalSeconds) * 1000);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(dataFolder, "keeper.sock")));
        await socket.SendAsync(Encoding.UTF8.GetBytes($$"""
            {"do":"hello","seq":1,"version":2}
            {"do":"lease","seq":2,"incarnation":"one","until_ms":{{until}}}

            """));
        using var lines = new StreamReader(new NetworkStream(socket));
        Assert.Contains("\"seq\":1", await lines.ReadLineAsync());
        Assert.Equal("{\"seq\":2}", await lines.ReadLineAsync());
        return deadline;
    }
}
