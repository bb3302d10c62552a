using System.Text.Json.Nodes;
using OrleansInstances.Hotkeys.Tests;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>Launches over real HTTP, from the signature to the end of the instance. All of them on one silo, each with GPUs of its own.</summary>
public sealed class LaunchTests(LaunchTests.Shared shared) : IClassFixture<LaunchTests.Shared>
{
    private readonly ChutesSilo _chutes = shared.Chutes;

    [NeedsSodiumFact]
    public async Task An_instance_on_two_gpus_comes_up_is_seen_everywhere_and_goes()
    {
        string[] gpus = [_chutes.Gpu(0), _chutes.Gpu(1)];
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("two"), gpus);
        await pod.ClaimAsync();
        var verified = await pod.ProveAsync();
        var id = (string)verified["instance_id"]!;
        pod.Serve();
        await pod.ActivateAsync();
        await pod.ActivateAsync();

        var instance = await Eventually.Get("it to be healthy", () => _chutes.Silo.GetAsync($"/api/instances/{id}"), seen => (bool?)seen["healthy"] == true, seconds: 60);
        Assert.Equal(("remote", "running", "two", _chutes.Miner.Address), ((string?)instance["driver"], (string?)instance["state"], (string?)instance["name"], (string?)instance["owner"]));
        using (var koyeb = new HttpRequestMessage(HttpMethod.Get, $"/v1/instances/{id}") { Headers = { Authorization = new("Bearer", RunningSilo.Key) } })
        using (var answer = await _chutes.Silo.Http.SendAsync(koyeb))
        {
            Assert.Contains("\"status\":\"HEALTHY\"", await answer.Content.ReadAsStringAsync());
        }

        string[] launch = ["issued", "claimed", "verified", "activated"];
        Assert.Equal(launch, (await _chutes.EventsAsync(id)).Where(launch.Contains));

        // Its GPUs are taken until it goes, by whichever dialect.
        using var second = new TestPod(_chutes, await _chutes.IssueAsync("two"), gpus);
        Assert.Equal((409, $$"""{"detail":"GPU {{gpus[0]}} is already assigned to instance: {{id}}"}"""), await second.TryClaimAsync());
        using (var deleted = await _chutes.Silo.Http.DeleteAsync($"/api/instances/{id}"))
        {
            Assert.Equal(204, (int)deleted.StatusCode);
        }

        Assert.Equal(404, (await _chutes.DeleteAsync("two", id)).Status);
        using var third = new TestPod(_chutes, await _chutes.IssueAsync("two"), gpus) { Port = pod.Port };
        await third.ClaimAsync();
        var next = (await third.ProveAsync())["instance_id"];
        Assert.Equal((200, $$"""{"instance_id":"{{next}}","deleted":true}"""), await _chutes.DeleteAsync("two", (string)next!));
    }

    [NeedsSodiumFact]
    public async Task A_job_comes_up_once_its_ports_answer()
    {
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("jobs", "job-1"), [_chutes.Gpu(2)])
        {
            Ports = [("tcp", 2222, FreePort.Find()), ("udp", 5353, FreePort.Find())],
        };
        await pod.ClaimAsync();
        pod.AnswerProbes();

        var verified = await pod.ProveAsync();

        Assert.Equal(("job-1", "train", """{"epochs":3}"""), ((string?)verified["job_id"], (string?)verified["job_method"], verified["job_data"]!.ToJsonString()));
        await pod.ActivateAsync();
        Assert.Equal((403, """{"detail":"Your hotkey has already attempted to claim job_id='job-1'"}"""), await _chutes.TryIssueAsync("jobs", "job-1"));
        Assert.Equal(200, (await _chutes.DeleteAsync("jobs", (string)verified["instance_id"]!)).Status);

        var progress = (await _chutes.Silo.GetAsync("/api/chutes/jobs/job-1"))["progress"]!;
        Assert.Equal(("error", $"Instance was terminated by miner: hotkey='{_chutes.Miner.Address}'"), ((string?)progress["status"], (string?)progress["error"]));
        Assert.NotNull(progress["finished_at"]);
    }

    [NeedsSodiumFact]
    public async Task A_job_whose_port_does_not_answer_fails_for_good()
    {
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("jobs", "job-2"), [_chutes.Gpu(3)])
        {
            Ports = [("tcp", 2222, FreePort.Find()), ("udp", 5353, FreePort.Find())],
        };
        await pod.ClaimAsync();

        var (status, body) = await pod.TryProveAsync();

        Assert.Equal(403, status);
        Assert.Contains("Failed port verification on port_map=", body);
        Assert.StartsWith("""{"detail":"Launch config failed verification: Failed port verification""", (await pod.TryProveAsync()).Body);
        await AreFreeAsync(3);
    }

    [NeedsSodiumFact]
    public async Task A_proof_that_fails_ends_config_and_instance()
    {
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("one"), [_chutes.Gpu(4)]);
        await pod.ClaimAsync();

        Assert.Equal(403, (await pod.TryProveAsync(work: "none")).Status);

        Assert.Equal(403, (await pod.TryProveAsync()).Status);
        Assert.Equal((403, """{"detail":"Launch config has not been verified."}"""), await pod.TryActivateAsync());
        Assert.Equal(403, (await pod.TryClaimAsync()).Status);
        await AreFreeAsync(4);
    }

    [NeedsSodiumFact]
    public async Task Of_claims_with_one_token_one_is_made()
    {
        var token = await _chutes.IssueAsync("one");
        var pods = Enumerable.Range(0, 8).Select(number => new TestPod(_chutes, token, [_chutes.Gpu(5)])).ToList();

        var answers = await Task.WhenAll(pods.Select(pod => pod.TryClaimAsync()));

        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.True(answer.Status == 401 && answer.Body.Contains("has already been retrieved", StringComparison.Ordinal), answer.Body));
    }

    [NeedsSodiumFact]
    public async Task Of_claims_for_one_gpu_one_is_made()
    {
        var pods = await PodsAsync(6, "one", _ => [_chutes.Gpu(6)]);

        var answers = await Task.WhenAll(pods.Select(pod => pod.TryClaimAsync()));

        Assert.Equal([200, 409, 409, 409, 409, 409], answers.Select(answer => answer.Status).Order());
    }

    [NeedsSodiumFact]
    public async Task Of_claims_for_one_address_one_is_made()
    {
        var port = FreePort.Find();
        var pods = await PodsAsync(3, "one", number => [_chutes.Gpu(7 + number)], port);

        var answers = await Task.WhenAll(pods.Select(pod => pod.TryClaimAsync()));

        Assert.Equal([200, 409, 409], answers.Select(answer => answer.Status).Order());
        Assert.All(answers.Where(answer => answer.Status == 409), answer => Assert.Equal($$"""{"detail":"Host/port 127.0.0.1:{{port}} is already in use by another instance."}""", answer.Body));
    }

    /// <summary>A target of one, and none of it serves: up to three more come up, never another.</summary>
    [NeedsSodiumFact]
    public async Task However_many_launch_at_once_there_are_never_more_than_the_rules_allow()
    {
        var pods = await PodsAsync(10, "scarce", number => [_chutes.Gpu(10 + number)]);

        var answers = await Task.WhenAll(pods.Select(pod => pod.TryClaimAsync()));

        Assert.Equal(4, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.Equal((423, """{"detail":"Chute scarce has reached its target capacity of 1 instances."}"""), answer));
        Assert.Equal(423, (await _chutes.TryIssueAsync("scarce", miner: _chutes.OtherMiner)).Status);
    }

    [NeedsSodiumFact]
    public async Task Of_two_miners_one_wins_a_job_and_keeps_it()
    {
        TestPod PodOf(string token, TestHotkey miner) => new(_chutes, token, [_chutes.Gpu(20, miner)])
        {
            Ports = [("tcp", 2222, FreePort.Find()), ("udp", 5353, FreePort.Find())],
        };
        using var one = PodOf(await _chutes.IssueAsync("jobs", "job-3"), _chutes.Miner);
        using var other = PodOf(await _chutes.IssueAsync("jobs", "job-3", _chutes.OtherMiner), _chutes.OtherMiner);

        var answers = await Task.WhenAll(one.TryClaimAsync(), other.TryClaimAsync());

        var (winner, loser) = answers[0].Status == 200 ? (one, other) : (other, one);
        Assert.Equal([200, 409], answers.Select(answer => answer.Status).Order());
        Assert.Equal("""{"detail":"Launch config failed verification: Job was already claimed by another miner"}""", (await loser.TryClaimAsync()).Body);
        winner.AnswerProbes();
        Assert.Equal("job-3", (string?)(await winner.ProveAsync())["job_id"]);
    }

    private static JsonObject Job(string id) => new()
    {
        ["job_id"] = id,
        ["chute_id"] = "jobs",
        ["method"] = "train",
        ["ports"] = new JsonArray(new JsonObject { ["port"] = 2222, ["proto"] = "tcp" }, new JsonObject { ["port"] = 5353, ["proto"] = "udp" }),
        ["job_args"] = new JsonObject { ["epochs"] = 3 },
    };

    private async Task<IReadOnlyList<TestPod>> PodsAsync(int count, string chute, Func<int, string[]> gpus, int? port = null)
    {
        var pods = new List<TestPod>();
        for (var number = 0; number < count; number++)
        {
            pods.Add(new TestPod(_chutes, await _chutes.IssueAsync(chute), gpus(number)) { Port = port ?? FreePort.Find() });
        }

        return pods;
    }

    private async Task AreFreeAsync(int gpu)
    {
        using var next = new TestPod(_chutes, await _chutes.IssueAsync("one"), [_chutes.Gpu(gpu)]);
        await next.ClaimAsync();
    }

    public sealed class Shared : IAsyncLifetime
    {
        internal ChutesSilo Chutes { get; private set; } = null!;

        public async Task InitializeAsync() => Chutes = await ChutesSilo.StartAsync(
            [ChutesSilo.Chute("one", target: 100), ChutesSilo.Chute("two", gpus: 2), ChutesSilo.Chute("scarce", target: 1), ChutesSilo.Chute("jobs")],
            [Job("job-1"), Job("job-2"), Job("job-3")]);

        public async Task DisposeAsync() => await Chutes.DisposeAsync();
    }
}
