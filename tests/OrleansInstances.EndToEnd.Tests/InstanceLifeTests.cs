using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>One instance's whole life over REST, with a real process.</summary>
public sealed class InstanceLifeTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private readonly RunningSilo _silo = shared.Silo;

    [Fact]
    public async Task A_cat_echoes_pauses_resumes_stops_starts_anew_and_is_deleted()
    {
        var cat = await _silo.CreateAsync("/bin/cat");
        Assert.Equal("creating", (string?)cat["status"]);
        await _silo.WaitForStateAsync(cat, "running");

        Assert.Equal(6, (int)(await _silo.InputAsync(cat, "hello\n"))["taken"]!);
        await Eventually.Get("the echo", () => _silo.OutputOfAsync(cat), output => output == "hello\n");

        Assert.Equal("paused", (string?)(await _silo.DoAsync(cat, "pause"))["status"]);
        await _silo.InputAsync(cat, "while paused\n");
        var paused = await _silo.GetAsync(cat);
        Assert.Equal(("paused", "paused"), ((string?)paused["state"], (string?)paused["status"]));
        Assert.Equal("hello\n", await _silo.OutputOfAsync(cat));

        Assert.Equal("running", (string?)(await _silo.DoAsync(cat, "resume"))["state"]);
        await Eventually.Get("the second echo", () => _silo.OutputOfAsync(cat), output => output == "hello\nwhile paused\n");
        var asked = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var health = (await Eventually.Get("what it uses", () => _silo.AskAsync($"/api/instances/{cat["uuid"]}/health"), seen => seen is not null))!;
        Assert.True((long)health["memory_mb"]! >= 0 && (long)health["last_heartbeat"]! >= asked - 5, health.ToJsonString());

        var stopped = await _silo.DoAsync(cat, "stop");
        Assert.Equal(("stopped", 143, "SIGTERM", 1), ((string?)stopped["state"], (int?)stopped["exit_code"], (string?)stopped["signal"], (int?)stopped["epoch"]));

        var started = await _silo.DoAsync(cat, "start");
        Assert.Equal(("running", 2), ((string?)started["state"], (int?)started["epoch"]));
        await _silo.InputAsync(cat, "again\n");
        await Eventually.Get("the echo of the second run", () => _silo.OutputOfAsync(cat), output => output == "hello\nwhile paused\nagain\n");

        var events = (await _silo.GetAsync($"/api/instances/{cat["uuid"]}/events")).AsArray().Select(happened => (string?)happened!["type"]);
        Assert.Equal(
            ["created", "scheduled", "starting", "started", "pausing", "paused", "resumed", "stopping", "exited", "stopped", "starting", "started"],
            events);

        using var deleted = await _silo.Http.DeleteAsync($"/api/instances/{cat["uuid"]}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Empty(ProcessTable.OfInstance((string)cat["uuid"]!));
        using var gone = await _silo.Http.GetAsync($"/api/instances/{cat["uuid"]}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var deletedAgain = await _silo.Http.DeleteAsync($"/api/instances/{cat["uuid"]}");
        Assert.Equal(HttpStatusCode.NotFound, deletedAgain.StatusCode);
    }

    [Fact]
    public async Task Output_that_is_retained_outlives_its_instance_for_so_long()
    {
        var kept = await EndAndDeleteAsync(retainSeconds: 3600);
        var brief = await EndAndDeleteAsync(retainSeconds: 1);

        Assert.Equal("last words\n", await _silo.OutputOfAsync(kept));
        Assert.Equal("last words\n", await _silo.Http.GetStringAsync($"/api/instances/{kept["id"]}/logs?format=text&follow=true"));
        await Eventually.Holds("its files to be removed", () => !Directory.Exists(_silo.FilesOf(brief)));
        await Eventually.Get(
            "it to be forgotten",
            async () =>
            {
                using var logs = await _silo.Http.GetAsync($"/api/instances/{brief["uuid"]}/logs");
                return logs.StatusCode;
            },
            status => status == HttpStatusCode.NotFound);
        Assert.Equal("last words\n", await _silo.OutputOfAsync(kept));

        async Task<JsonNode> EndAndDeleteAsync(int retainSeconds)
        {
            var instance = await _silo.CreateAsync(new { command = new[] { "/bin/echo", "last words" }, console = new { retain_seconds = retainSeconds } });
            await _silo.WaitForStateAsync(instance, "stopped");
            using var deleted = await _silo.Http.DeleteAsync($"/api/instances/{instance["uuid"]}");
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            using var gone = await _silo.Http.GetAsync($"/api/instances/{instance["uuid"]}");
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
            return instance;
        }
    }

    [Fact]
    public async Task Every_name_of_an_instance_leads_to_it()
    {
        var cat = await _silo.CreateAsync("/bin/cat");

        foreach (var name in new[] { "id", "uuid", "number" })
        {
            Assert.Equal((string?)cat["uuid"], (string?)(await _silo.GetAsync($"/api/instances/{cat[name]}"))["uuid"]);
        }
    }

    [Fact]
    public async Task Restart_gives_a_new_epoch_and_a_new_process()
    {
        var cat = await _silo.CreateAsync("/bin/cat");
        await _silo.WaitForStateAsync(cat, "running");
        var before = Assert.Single(ProcessTable.OfInstance((string)cat["uuid"]!));

        Assert.Equal("restarted", (string?)(await _silo.DoAsync(cat, "restart"))["status"]);

        Assert.Equal(2, (int?)(await _silo.GetAsync(cat))["epoch"]);
        Assert.NotEqual(before, Assert.Single(ProcessTable.OfInstance((string)cat["uuid"]!)));
    }

    [Fact]
    public async Task Of_two_starts_at_once_one_wins_and_one_is_told()
    {
        var cat = await _silo.CreateAsync(new { command = new[] { "/bin/cat" }, start = false });

        var answers = await Task.WhenAll(_silo.PostAsync(cat, "start"), _silo.PostAsync(cat, "start"));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode).Order());
        Assert.Single(ProcessTable.OfInstance((string)cat["uuid"]!));
    }

    [Fact]
    public async Task A_start_during_a_stop_is_refused()
    {
        var stubborn = await _silo.CreateAsync(new
        {
            command = new[] { "/bin/sh", "-c", "trap '' TERM; echo ready; while :; do read line; done" },
            stop = new { timeout_seconds = 600 },
        });
        await Eventually.Get("the trap to be set", () => _silo.OutputOfAsync(stubborn), output => output == "ready\n");
        var stop = _silo.PostAsync(stubborn, "stop");
        await _silo.WaitForStateAsync(stubborn, "stopping");

        using var start = await _silo.PostAsync(stubborn, "start");

        Assert.Equal(HttpStatusCode.Conflict, start.StatusCode);
        Assert.Equal("stopping", (string?)(await start.Content.ReadFromJsonAsync<JsonNode>())!["code"]);
        await _silo.DoAsync(stubborn, "kill");
        Assert.Equal("stopped", (string?)(await (await stop).Content.ReadFromJsonAsync<JsonNode>())!["state"]);
    }

    [Theory]
    [InlineData("stop", HttpStatusCode.Conflict)]
    [InlineData("kill", HttpStatusCode.Conflict)]
    [InlineData("pause", HttpStatusCode.Conflict)]
    [InlineData("resume", HttpStatusCode.Conflict)]
    public async Task An_illegal_request_is_a_conflict_and_changes_nothing(string verb, HttpStatusCode expected)
    {
        var idle = await _silo.CreateAsync(new { command = new[] { "/bin/cat" }, start = false });

        using var response = await _silo.PostAsync(idle, verb);

        Assert.Equal(expected, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.NotNull((string?)error["error"]);
        Assert.Equal(idle.ToJsonString(), (await _silo.GetAsync(idle)).ToJsonString());
    }

    [Theory]
    [InlineData("/no/such/program")]
    [InlineData("no-such-program-anywhere")]
    [InlineData("/etc/passwd")]
    public async Task A_program_that_cannot_be_started_fails_with_its_name(string program)
    {
        var broken = await _silo.CreateAsync(program);

        var failed = await _silo.WaitForStateAsync(broken, "failed");

        Assert.Equal("error", (string?)failed["status"]);
        Assert.Contains(program, (string?)failed["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_region_that_nobody_serves_leaves_it_pending_and_a_stop_ends_that()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_REGION"] = "earth";
        await silo.StartAsync();

        var lonely = await silo.CreateAsync(new { command = new[] { "/bin/cat" }, region = "mars" });

        Assert.Equal(("creating", "pending"), ((string?)lonely["status"], (string?)lonely["state"]));
        Assert.Equal("No node serves region \"mars\".", (string?)lonely["message"]);
        Assert.Equal("stopped", (string?)(await silo.DoAsync(lonely, "stop"))["state"]);
    }

    [Fact]
    public async Task A_full_stdin_takes_what_fits_and_says_how_much()
    {
        var deaf = await _silo.CreateAsync("/bin/sleep", "1000");
        await _silo.WaitForStateAsync(deaf, "running");

        using var response = await _silo.Http.PostAsync($"/api/instances/{deaf["uuid"]}/input", new ByteArrayContent(new byte[1_000_000]));

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        var taken = (int)(await response.Content.ReadFromJsonAsync<JsonNode>())!["taken"]!;
        Assert.InRange(taken, 4096, 999_999);
    }
}

/// <summary>One silo for the tests that leave it running.</summary>
public sealed class SharedSilo : IAsyncLifetime
{
    internal RunningSilo Silo { get; private set; } = null!;

    public async Task InitializeAsync() => Silo = await RunningSilo.StartNewAsync();

    public async Task DisposeAsync() => await Silo.DisposeAsync();
}
