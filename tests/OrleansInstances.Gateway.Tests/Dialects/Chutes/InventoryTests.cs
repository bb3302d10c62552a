using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>The inventory at /api/chutes, on the real database.</summary>
public sealed class InventoryTests : IAsyncLifetime
{
    private const string Miner = """{"hotkey":"alice","coldkey":"cold","uid":7,"blacklist_reason":null}""";

    private const string Chute =
        """{"chute_id":"c1","name":"a chute","version":"1","chutes_version":"0.3.1","image_id":null,"code":"print()\n","node_selector":{"gpu_count":2,"min_vram_gb_per_gpu":40,"include":["h100"],"exclude":[]},"target_count":3,"public":false}""";

    private const string Node =
        """{"uuid":"g1","miner_hotkey":"alice","gpu":"h100","name":"NVIDIA H100","memory":85520809984,"verification_host":"gpu.example","verification_port":8080,"verified":true,"major":9,"minor":0,"processors":114,"sxm":false,"clock_rate":1755000.5,"max_threads_per_processor":2048,"concurrent_kernels":true,"ecc":true}""";

    private const string Job =
        """{"job_id":"j1","chute_id":"c1","method":"train","ports":[{"port":2222,"proto":"tcp"}],"disk_gb":10,"job_args":{"epochs":[3,{"é":null}]}}""";

    private const string Progress =
        ""","progress":{"status":"pending","racers":[],"config_id":null,"instance_id":null,"miner_hotkey":null,"error":null,"started_at":null,"finished_at":null}}""";

    private readonly GatewayHost _host = new();

    public static TheoryData<string, string, string> BadBodies
    {
        get
        {
            var longest = new string('a', 128);
            var keyRule = "must be 1 to 128 characters without control characters and slashes.";
            return new()
            {
                { "miners/alice", "{}", "\"coldkey\" is missing." },
                { "miners/alice", Miner.Replace("\"alice\"", "\"bob\""), "hotkey must be the one in the path, or left out." },
                { "miners/alice", Miner.Replace("\"alice\"", "7"), "\"hotkey\" has the wrong type, or text that is no Unicode." },
                { "miners/alice", Miner.Replace("\"uid\"", "\"foo\":1,\"uid\""), "\"foo\" is not known." },
                { "miners/alice", Miner.Replace("7", "-1"), "miner alice: uid is -1: it must be 0 or more." },
                { "miners/alice", Miner.Replace("7", "7.5"), "\"uid\" has the wrong type, or text that is no Unicode." },
                { "miners/alice", Miner.Replace("7", "99999999999"), "\"uid\" has the wrong type, or text that is no Unicode." },
                { "miners/alice", Miner.Replace("\"cold\"", "null"), "\"coldkey\" has the wrong type, or text that is no Unicode." },
                { "miners/alice", Miner.Replace("cold\"", "co\\u0000ld\""), "miner alice: coldkey must be at most 1024 characters without control characters." },
                { "miners/alice", Miner.Replace("\"cold\"", "\"\\ud800\""), "Cannot read incomplete UTF-16 JSON text as string with missing low surrogate." },
                { "miners/alice", Miner.Replace("\"cold\"", $"\"{new string('c', 1025)}\""), "miner alice: coldkey must be at most 1024 characters without control characters." },
                { $"miners/{longest}a", """{"coldkey":"c","uid":1}""", $"miner {longest}a: hotkey {keyRule}" },
                { "miners/a%07b", """{"coldkey":"c","uid":1}""", $"miner a\u0007b: hotkey {keyRule}" },
                { "miners/a%2Fb", """{"hotkey":"a/b","coldkey":"c","uid":1}""", "hotkey must be the one in the path, or left out." },
                { "chutes/c1", Chute.Replace("\"gpu_count\":2", "\"gpu_count\":0"), "chute c1: gpu_count is 0: it must be 1 to 8." },
                { "chutes/c1", Chute.Replace("\"gpu_count\":2", "\"gpus\":2"), "\"node_selector.gpus\" is not known." },
                { "chutes/c1", Chute.Replace("\"h100\"", "\"h101\""), "chute c1: there is no GPU \"h101\": it must be one of 3090, 4090, " },
                { "chutes/c1", Chute.Replace("[\"h100\"]", "[null]"), "\"node_selector.include[0]\" must not be null." },
                { "chutes/c1", Chute.Replace("\"target_count\":3", "\"target_count\":-3"), "chute c1: target_count is -3: it must be 0 or more." },
                { "nodes/g1", Node.Replace("alice", "bob"), "node g1: there is no miner \"bob\"." },
                { "nodes/g1", Node.Replace("\"gpu\":\"h100\"", "\"gpu\":\"H100\""), "node g1: there is no GPU \"H100\": it must be one of " },
                { "nodes/g1", Node.Replace("8080", "0"), "node g1: verification_port is 0: it must be 1 to 65535." },
                { "nodes/g1", Node.Replace("8080", "65536"), "node g1: verification_port is 65536: it must be 1 to 65535." },
                { "nodes/g1", Node.Replace("gpu.example", "gpu_example"), "node g1: verification_host must be a host's name or IPv4 address." },
                { "nodes/g1", Node.Replace("gpu.example", ""), "node g1: verification_host must be a host's name or IPv4 address." },
                { "nodes/g1", Node.Replace("85520809984", "-1"), "node g1: memory is -1: it must be 0 or more." },
                { "jobs/j1", Job.Replace("\"c1\"", "\"c2\""), "job j1: there is no chute \"c2\"." },
                { "jobs/j1", Job.Replace("2222", "21"), "job j1: port tcp:21: it must be tcp, udp or http and 22 to 65535." },
                { "jobs/j1", Job.Replace("2222", "65536"), "job j1: port tcp:65536: it must be tcp, udp or http and 22 to 65535." },
                { "jobs/j1", Job.Replace("2222", "8001"), "job j1: port tcp:8001: every instance has it already." },
                { "jobs/j1", Job.Replace("\"tcp\"", "\"sctp\""), "job j1: port sctp:2222: it must be tcp, udp or http and 22 to 65535." },
                { "jobs/j1", Job.Replace("\"proto\"", "\"protocol\""), "\"ports[0].protocol\" is not known." },
                { "jobs/j1", Job[..^1] + Progress, "\"progress\" is not known." },
                { "jobs/j1", Job.Replace("null}", "\"\\udc00\"}"), "Cannot read invalid UTF-16 JSON text as string. Invalid surrogate value: " },
            };
        }
    }

    public async Task InitializeAsync() => await _host.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("miners/alice", Miner, "")]
    [InlineData("chutes/c1", Chute, "")]
    [InlineData("nodes/g1", Node, "")]
    [InlineData("jobs/j1", Job, Progress)]
    public async Task A_piece_is_made_shown_replaced_and_removed(string path, string body, string more)
    {
        await PutWhatItNeedsAsync(path);
        var shown = more.Length == 0 ? body : body[..^1] + more;
        var field = body[2..body.IndexOf('"', 2)];
        var unnamed = $"{{{body[(body.IndexOf(',', StringComparison.Ordinal) + 1)..]}";

        Assert.Equal((201, shown), await SentAsync(HttpMethod.Put, path, body));
        Assert.Equal((200, shown), await SentAsync(HttpMethod.Put, path, unnamed));
        Assert.Equal((200, shown), await SentAsync(HttpMethod.Get, path));
        Assert.Equal((200, $"[{shown}]"), await SentAsync(HttpMethod.Get, path.Split('/')[0]));
        Assert.DoesNotContain($"\"{field}\"", unnamed);

        Assert.Equal((204, ""), await SentAsync(HttpMethod.Delete, path));
        var nothing = (404, $$"""{"error":"There is no such {{path.Split('/')[0][..^1]}}.","code":"not_found"}""");
        Assert.Equal(nothing, await SentAsync(HttpMethod.Delete, path));
        Assert.Equal(nothing, await SentAsync(HttpMethod.Get, path));
    }

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task What_makes_no_sense_is_422_and_changes_nothing(string path, string body, string reason)
    {
        await PutWhatItNeedsAsync(path);

        var answer = await _host.SendAsync(HttpMethod.Put, $"/api/chutes/{path}", body);

        Assert.True(answer.Status == 422, answer.Body);
        Assert.Equal("invalid", answer.Code);
        Assert.StartsWith(reason, answer.Error);
        Assert.Equal((200, "[]"), await SentAsync(HttpMethod.Get, path.Split('/')[0]));
    }

    [Theory]
    [InlineData("{", "application/json", 400, "malformed_json")]
    [InlineData("""{"uid":1,"uid":2}""", "application/json", 400, "malformed_json")]
    [InlineData("[]", "application/json", 422, "wrong_type")]
    [InlineData("null", "application/json", 422, "wrong_type")]
    [InlineData(Miner, "text/plain", 415, "unsupported_media_type")]
    public async Task What_is_no_object_is_told_so(string body, string contentType, int status, string code)
    {
        var answer = await _host.SendAsync(HttpMethod.Put, "/api/chutes/miners/alice", body, contentType);

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task What_something_uses_is_409_and_stays()
    {
        foreach (var (path, body) in new[] { ("miners/alice", Miner), ("chutes/c1", Chute), ("nodes/g1", Node), ("jobs/j1", Job) })
        {
            Assert.Equal(201, (await SentAsync(HttpMethod.Put, path, body)).Status);
        }

        await ClaimAsync();

        Assert.Equal((409, """{"error":"It has nodes or instances.","code":"in_use"}"""), await SentAsync(HttpMethod.Delete, "miners/alice"));
        Assert.Equal((409, """{"error":"It has jobs or instances.","code":"in_use"}"""), await SentAsync(HttpMethod.Delete, "chutes/c1"));
        Assert.Equal((409, """{"error":"It is in an instance.","code":"in_use"}"""), await SentAsync(HttpMethod.Delete, "nodes/g1"));
        Assert.Equal((409, """{"error":"An instance does it.","code":"in_use"}"""), await SentAsync(HttpMethod.Delete, "jobs/j1"));

        Assert.Equal((200, Miner), await SentAsync(HttpMethod.Get, "miners/alice"));
        Assert.Equal((200, Chute), await SentAsync(HttpMethod.Get, "chutes/c1"));
        Assert.Equal((200, Node), await SentAsync(HttpMethod.Get, "nodes/g1"));
        Assert.Equal("alice", (string?)(await _host.GetAsync("/api/chutes/jobs/j1")).Json["progress"]!["miner_hotkey"]);
    }

    [Theory]
    [InlineData("miners", """{"coldkey":"c","uid":1}""", """{"hotkey":"x","coldkey":"c","uid":1,"blacklist_reason":null}""")]
    [InlineData(
        "chutes",
        """{"name":"n","version":"1"}""",
        """{"chute_id":"x","name":"n","version":"1","chutes_version":null,"image_id":null,"code":null,"node_selector":{"gpu_count":1,"min_vram_gb_per_gpu":16,"include":[],"exclude":[]},"target_count":null,"public":true}""")]
    [InlineData(
        "nodes",
        """{"miner_hotkey":"alice","gpu":"l4","name":"L4","memory":1,"verification_host":"1.2.3.4"}""",
        """{"uuid":"x","miner_hotkey":"alice","gpu":"l4","name":"L4","memory":1,"verification_host":"1.2.3.4","verification_port":null,"verified":false,"major":null,"minor":null,"processors":null,"sxm":null,"clock_rate":null,"max_threads_per_processor":null,"concurrent_kernels":null,"ecc":null}""")]
    [InlineData("jobs", """{"chute_id":"c1","method":"m"}""", """{"job_id":"x","chute_id":"c1","method":"m","ports":[],"disk_gb":null,"job_args":null""" + Progress)]
    [InlineData("jobs", """{"chute_id":"c1","method":"m","ports":[{"port":22}],"job_args":null}""", """{"job_id":"x","chute_id":"c1","method":"m","ports":[{"port":22,"proto":"tcp"}],"disk_gb":null,"job_args":null""" + Progress)]
    public async Task What_is_left_out_has_its_default(string kind, string body, string shown)
    {
        await PutWhatItNeedsAsync(kind);

        Assert.Equal((201, shown), await SentAsync(HttpMethod.Put, $"{kind}/x", body));
    }

    [Fact]
    public async Task Lists_have_pages()
    {
        foreach (var name in new[] { "c", "a", "b b" })
        {
            Assert.Equal(201, (await _host.SendAsync(HttpMethod.Put, $"/api/chutes/miners/{Uri.EscapeDataString(name)}", """{"coldkey":"c","uid":1}""")).Status);
        }

        var first = await _host.GetAsync("/api/chutes/miners?limit=2");
        Assert.Equal(["a", "b b"], first.Json.AsArray().Select(miner => (string?)miner!["hotkey"]));
        Assert.Equal("</api/chutes/miners?limit=2&after=b%20b>; rel=\"next\"", first.Header("Link"));
        var last = await _host.GetAsync("/api/chutes/miners?limit=2&after=b%20b");
        Assert.Equal(["c"], last.Json.AsArray().Select(miner => (string?)miner!["hotkey"]));
        Assert.Null(last.Header("Link"));
        foreach (var query in new[] { "limit=0", "limit=x", "after=%00" })
        {
            Assert.Equal(422, (await _host.GetAsync($"/api/chutes/miners?{query}")).Status);
        }
    }

    [Fact]
    public async Task Where_gpus_are_not_challenged_a_node_is_verified()
    {
        await using var host = new GatewayHost { Settings = { ["SKIP_GPU_VERIFICATION"] = "true" } };
        await host.StartAsync();
        await host.SendAsync(HttpMethod.Put, "/api/chutes/miners/alice", Miner);

        var answer = await host.SendAsync(HttpMethod.Put, "/api/chutes/nodes/g1", Node.Replace("\"verified\":true", "\"verified\":false"));

        Assert.Equal((201, Node), (answer.Status, answer.Body));
    }

    /// <summary>What a node or a job refers to.</summary>
    private async Task PutWhatItNeedsAsync(string path)
    {
        if (path.Split('/')[0] is "nodes")
        {
            Assert.Equal(201, (await SentAsync(HttpMethod.Put, "miners/alice", Miner)).Status);
        }
        else if (path.Split('/')[0] is "jobs")
        {
            Assert.Equal(201, (await SentAsync(HttpMethod.Put, "chutes/c1", Chute)).Status);
        }
    }

    private async Task<(int Status, string Body)> SentAsync(HttpMethod method, string path, string? body = null)
    {
        var answer = await _host.SendAsync(method, $"/api/chutes/{path}", body);
        return (answer.Status, answer.Body);
    }

    /// <summary>As its grains do: the job's instance on the one GPU.</summary>
    private async Task ClaimAsync()
    {
        var store = _host.Service<ILaunchStore>();
        var (config, instance, now) = (Guid.NewGuid(), Guid.NewGuid(), _host.Time.GetUtcNow());
        await store.DecideAsync(
            new LaunchQuestion { ConfigId = config, ChuteId = "c1", JobId = "j1", Hotkey = "alice" },
            facts => IssueRules.Decide(facts, new LaunchRequest("c1", "j1", "alice"), config, "00", now));
        var chute = new Chute { ChuteId = "c1", Name = "a chute", Version = "1" };
        var shown = ChuteInstanceRules.New(instance, chute, new ChuteMiner("alice", "cold", 7), "gpu.example", 30000, ["g1"], now) with { ConfigId = config, JobId = "j1" };
        await store.DecideAsync(
            new LaunchQuestion { ConfigId = config },
            facts => new LaunchDecision
            {
                Config = LaunchLifecycle.Apply(facts.Config!, new LaunchInput.Claim(instance, 1), now),
                Instance = new StoredChuteInstance(shown, "ff"),
                Job = facts.Job! with { ConfigId = config, InstanceId = instance, MinerHotkey = "alice" },
            });
    }
}
