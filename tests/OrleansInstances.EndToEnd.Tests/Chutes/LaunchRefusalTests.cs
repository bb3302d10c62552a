using System.Security.Cryptography;
using System.Text.Json.Nodes;
using OrleansInstances.Hotkeys.Tests;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>What is refused, with the status and the words that clients know, and what becomes of the config. All of it on one silo, each with GPUs of its own.</summary>
public sealed class LaunchRefusalTests(LaunchRefusalTests.Shared shared) : IClassFixture<LaunchRefusalTests.Shared>
{
    private readonly ChutesSilo _chutes = shared.Chutes;

    /// <summary>Before anything else is looked at but that a body is JSON.</summary>
    /// <param name="method">Of the route.</param>
    /// <param name="path">Of the route.</param>
    /// <param name="purpose">What it is signed for; null for its body.</param>
    [NeedsSodiumTheory]
    [InlineData("GET", "/instances/launch_config?chute_id=one", "launch")]
    [InlineData("DELETE", "/instances/one/33333333-3333-4333-8333-333333333333", "instances")]
    [InlineData("POST", "/instances/old/", null)]
    [InlineData("PATCH", "/instances/old/33333333-3333-4333-8333-333333333333", null)]
    public async Task Who_does_not_sign_right_is_nobody(string method, string path, string? purpose)
    {
        const string NotSigned = "Can't find a user with that api key in our db :(";
        var (now, miner) = (DateTimeOffset.UtcNow, _chutes.Miner);
        var good = Signed(miner, now);
        var subject = purpose ?? Convert.ToHexStringLower(SHA256.HashData("{}"u8));
        var (hotkey, nonce, signature) = (good["X-Chutes-Hotkey"], good["X-Chutes-Nonce"], good["X-Chutes-Signature"]);
        (IEnumerable<KeyValuePair<string, string>> Headers, string Text)[] table =
        [
            ([], NotSigned),
            (good.Where(header => header.Key != "X-Chutes-Hotkey"), NotSigned),
            (good.Where(header => header.Key != "X-Chutes-Signature"), NotSigned),
            ([new("X-Chutes-Hotkey", hotkey), new("Authorization", $"Bearer {RunningSilo.Key}")], NotSigned),
            (good.Where(header => header.Key != "X-Chutes-Nonce"), "Invalid nonce!"),
            (Signed(miner, now.AddSeconds(-600)), "Invalid nonce!"),
            (Signed(miner, now.AddHours(1)), "Invalid nonce!"),
            (With(hotkey, $"0x{signature}"), $"Invalid signature: 0x{signature}, with error: "),
            (With(hotkey, signature[2..]), $"Invalid request signature for hotkey {hotkey}. Message: {hotkey}:{nonce}:{subject}"),
            (With(_chutes.OtherMiner.Address, signature), $"Invalid request signature for hotkey {_chutes.OtherMiner.Address}. Message: {_chutes.OtherMiner.Address}:{nonce}:{subject}"),
            (With("nobody", signature), $"Invalid request signature for hotkey nobody. Message: nobody:{nonce}:{subject}"),
            (miner.For("sockets", now), $"Invalid request signature for hotkey {hotkey}. Message: {hotkey}:{nonce}:{subject}"),
            (Signed(new TestHotkey(), now), "Hotkey is not registered on netuid 64"),
        ];
        foreach (var (headers, text) in table)
        {
            var (status, body) = await SendAsync(headers);
            Assert.Equal(401, status);
            Assert.StartsWith(text, Detail(body));
        }

        Assert.NotEqual(401, (await SendAsync(Signed(miner, DateTimeOffset.UtcNow))).Status);

        Task<(int Status, string Body)> SendAsync(IEnumerable<KeyValuePair<string, string>> headers) =>
            _chutes.SendAsync(new HttpMethod(method), path, headers, purpose is null ? new JsonObject() : null);
        IReadOnlyDictionary<string, string> Signed(TestHotkey who, DateTimeOffset at) => purpose is null ? who.WithBody("{}", at) : who.For(purpose, at);
        KeyValuePair<string, string>[] With(string who, string signature) =>
            [new("X-Chutes-Hotkey", who), new("X-Chutes-Nonce", nonce), new("X-Chutes-Signature", signature)];
    }

    /// <summary>Whatever is wrong with it; a right one opens the same config then, whoever made it.</summary>
    [NeedsSodiumTheory]
    [InlineData("POST", "", 11)]
    [InlineData("PUT", "", 12)]
    [InlineData("GET", "/activate", 13)]
    public async Task A_token_that_is_not_right_opens_nothing(string method, string more, int gpu)
    {
        using var issued = new TestPod(_chutes, await _chutes.IssueAsync("one"), []);
        var config = issued.ConfigId;
        var (now, unknown) = (DateTimeOffset.UtcNow.ToUnixTimeSeconds(), Guid.NewGuid());
        const string Invalid = "Missing or invalid launch config JWT";
        (string What, string? Token, string Text)[] table =
        [
            ("none", null, Invalid),
            ("nonsense", "Bearer nonsense", Invalid),
            ("unsigned", TestToken.Make(config, "none"), Invalid),
            ("said to be unsigned", TestToken.Make(config, "none", signedAs: "HS256"), Invalid),
            ("HS384", TestToken.Make(config, "HS384"), Invalid),
            ("HS512", TestToken.Make(config, "HS512"), Invalid),
            ("RS256", TestToken.Make(config, "RS256"), Invalid),
            ("said to be RS256", TestToken.Make(config, "RS256", signedAs: "HS256"), Invalid),
            ("another key", TestToken.Make(config, key: "launch-secret"), Invalid),
            ("another issuer", TestToken.Make(config, change: claims => claims["iss"] = "others"), Invalid),
            ("no issuer", TestToken.Make(config, change: claims => claims.Remove("iss")), Invalid),
            ("without end", TestToken.Make(config, change: claims => claims.Remove("exp")), Invalid),
            ("expired", TestToken.Make(config, change: claims => claims["exp"] = now), Invalid),
            ("of later", TestToken.Make(config, change: claims => claims["iat"] = now + 3600), Invalid),
            ("cut off", TestToken.Make(config)[..^1], Invalid),
            ("changed", Swap(TestToken.Make(config), TestToken.Make(unknown)), Invalid),
            ("of another config", TestToken.Make(unknown), $"Launch config config_id='{config}' does not match token!"),
        ];
        foreach (var (what, token, text) in table)
        {
            var (status, detail) = await SendAsync(config.ToString(), token);
            Assert.Equal((what, 401, text), (what, status, detail));
        }

        Assert.Equal((401, $"Launch config {unknown} not found in database."), await SendAsync(unknown.ToString(), TestToken.Make(unknown)));
        Assert.Equal((401, "Launch config x not found in database."), await SendAsync("x", TestToken.Make(unknown, change: claims => claims["sub"] = "x")));
        using var pod = new TestPod(_chutes, TestToken.Make(config), [_chutes.Gpu(gpu)]);
        await pod.ClaimAsync();

        async Task<(int, string)> SendAsync(string id, string? token)
        {
            var body = method switch
            {
                "POST" => new JsonObject
                {
                    ["gpus"] = new JsonArray(),
                    ["host"] = ChutesSilo.Host,
                    ["port_mappings"] = new JsonArray(new JsonObject { ["internal_port"] = 8000, ["external_port"] = 8000 }),
                    ["env"] = "e",
                    ["code"] = "c",
                },
                "PUT" => new JsonObject(),
                _ => null,
            };
            var (status, answer) = await _chutes.SendAsync(
                new HttpMethod(method), $"/instances/launch_config/{id}{more}", token is null ? [] : [new("Authorization", token)], body);
            return (status, Detail(answer));
        }

        static string Swap(string token, string other) => string.Join('.', token.Split('.')[0], other.Split('.')[1], token.Split('.')[2]);
    }

    [NeedsSodiumFact]
    public async Task No_config_is_issued_for_what_is_not_there()
    {
        await ExpectAsync(404, "Chute none not found", _chutes.TryIssueAsync("none"));
        await ExpectAsync(404, "Job none for chute jobs not found", _chutes.TryIssueAsync("jobs", "none"));
        await ExpectAsync(404, "Job job-1 for chute one not found", _chutes.TryIssueAsync("one", "job-1"));
    }

    [NeedsSodiumFact]
    public async Task No_config_is_issued_to_who_is_not_registered()
    {
        var miner = new TestHotkey();
        await ExpectAsync(401, "Hotkey is not registered on netuid 64", _chutes.TryIssueAsync("one", miner: miner));

        await _chutes.PutMinerAsync(miner, "cheating");
        await ExpectAsync(403, "Your hotkey has been blacklisted: cheating", _chutes.TryIssueAsync("one", miner: miner));

        // It is remembered as registered for half a minute: let in, and not found. On a machine that stands still for so long it is not.
        await _chutes.RemoveAsync($"miners/{miner.Address}");
        var gone = await _chutes.TryIssueAsync("one", miner: miner);
        Assert.Equal(gone.Status == 401 ? (401, "Hotkey is not registered on netuid 64") : (404, $"Miner with hotkey {miner.Address} not found in metagraph"), (gone.Status, Detail(gone.Body)));
    }

    [NeedsSodiumFact]
    public async Task No_more_than_fifteen_race_for_a_job()
    {
        for (var racers = 0; racers < 15; racers++)
        {
            var racer = new TestHotkey();
            await _chutes.PutMinerAsync(racer);
            await _chutes.IssueAsync("jobs", "job-race", racer);
        }

        await ExpectAsync(423, "Job job-race is already in a race between 15 miners", _chutes.TryIssueAsync("jobs", "job-race"));
    }

    /// <summary>The last place is for who has none yet; and a claim is asked for room again.</summary>
    [NeedsSodiumFact]
    public async Task A_chute_that_has_what_it_wants_takes_no_more()
    {
        using var first = new TestPod(_chutes, await _chutes.IssueAsync("near"), [_chutes.Gpu(0)]);
        using var second = new TestPod(_chutes, await _chutes.IssueAsync("near"), [_chutes.Gpu(1)]);
        using var other = new TestPod(_chutes, await _chutes.IssueAsync("near", miner: _chutes.OtherMiner), [_chutes.Gpu(0, _chutes.OtherMiner)]);
        using var third = new TestPod(_chutes, await _chutes.IssueAsync("near", miner: _chutes.OtherMiner), [_chutes.Gpu(1, _chutes.OtherMiner)]);
        await first.ClaimAsync();
        var id = (string)(await first.ProveAsync())["instance_id"]!;
        await first.ActivateAsync();

        const string Near = "Chute near is near capacity with only 1 slots remaining. You already have 1 instance(s).";
        await ExpectAsync(423, Near, _chutes.TryIssueAsync("near"));
        await ExpectAsync(423, Near, second.TryClaimAsync());
        await other.ClaimAsync();
        const string Full = "Chute near has reached its target capacity of 2 instances.";
        await ExpectAsync(423, Full, _chutes.TryIssueAsync("near", miner: _chutes.OtherMiner));
        await ExpectAsync(423, Full, third.TryClaimAsync());

        Assert.Equal(200, (await _chutes.DeleteAsync("near", id)).Status);
        await second.ClaimAsync();
    }

    /// <summary>What a claim lacks may be mended: the same token claims then.</summary>
    [NeedsSodiumFact]
    public async Task Some_refused_claims_may_be_made_again()
    {
        await _chutes.PutAsync("chutes/fleeting", ChutesSilo.Chute("fleeting", gpus: 2));
        var miner = await NewMinerAsync("c", 2);
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("fleeting", miner: miner), ["c0", "c1"]);

        await _chutes.RemoveAsync("chutes/fleeting");
        await ExpectAsync(404, "Chute fleeting not found", pod.TryClaimAsync());
        await _chutes.PutAsync("chutes/fleeting", ChutesSilo.Chute("fleeting", gpus: 2));
        await _chutes.PutMinerAsync(miner, "late");
        await ExpectAsync(403, "Your hotkey has been blacklisted: late", pod.TryClaimAsync());
        await _chutes.PutMinerAsync(miner);
        await ExpectAsync(400, "Duplicate GPUs in request!", pod.TryClaimAsync(claim => claim["gpus"] = TestPod.Gpus(["c0", "c0"])));
        Assert.Equal(422, (await pod.TryClaimAsync(claim => claim["port_mappings"] = new JsonArray())).Status);
        Assert.Equal(422, (await pod.TryClaimAsync(claim => claim["gpus"]![0]!.AsObject().Remove("uuid"))).Status);
        Assert.Equal(422, (await pod.TryClaimAsync(claim => claim["port_mappings"]![0]!["proto"] = "sctp")).Status);
        Assert.Equal(422, (await pod.TryClaimAsync(claim => claim["port_mappings"]![0]!["external_port"] = 65536)).Status);

        await pod.ClaimAsync();
    }

    [NeedsSodiumFact]
    public async Task Of_a_job_too()
    {
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("jobs", "job-1"), [_chutes.Gpu(2)]) { Ports = [("tcp", 2222, FreePort.Find()), ("udp", 5353, FreePort.Find())] };
        using var jobless = new TestPod(_chutes, await _chutes.IssueAsync("jobs", "job-gone"), [_chutes.Gpu(3)]) { Ports = pod.Ports };

        await ExpectAsync(400, "Egress and ingress IPs much match for jobs: 203.0.113.9 vs 127.0.0.1", pod.TryClaimAsync(forwardedFor: "203.0.113.9, 127.0.0.1"));
        await ExpectAsync(
            403, "Invalid port mappings provided: [tcp:2222], but the job needs [tcp:2222, udp:5353]", pod.TryClaimAsync(claim => claim["port_mappings"]!.AsArray().RemoveAt(3)));
        await _chutes.RemoveAsync("jobs/job-gone");
        await ExpectAsync(404, "Job job-gone no longer exists!", jobless.TryClaimAsync());

        await pod.ClaimAsync();
        await _chutes.PutAsync("jobs/job-gone", Job("job-gone"));
        await jobless.ClaimAsync();
    }

    [NeedsSodiumFact]
    public async Task A_claim_with_wrong_gpus_ends_its_config()
    {
        using var holder = new TestPod(_chutes, await _chutes.IssueAsync("one"), [_chutes.Gpu(4)]);
        await holder.ClaimAsync();
        var held = (string)(await holder.ProveAsync())["instance_id"]!;
        await _chutes.PutAsync("nodes/unverified", ChutesSilo.Node("unverified", _chutes.Miner, verified: false));
        var (free, foreign) = (_chutes.Gpu(5), _chutes.Gpu(5, _chutes.OtherMiner));
        (string Chute, string[] Gpus, int Status, string Text)[] table =
        [
            ("two", [free], 400, "chute.chute_id='two' chute.name='the chute two' requires exactly 2 GPUs."),
            ("one", [], 400, "chute.chute_id='one' chute.name='the chute one' requires exactly 1 GPUs."),
            ("one", ["nothing"], 404, "Node nothing not found"),
            ("two", [free, foreign], 404, $"Node {foreign} not found"),
            ("one", ["unverified"], 400, "GPU unverified is not yet verified, and cannot be associated with an instance"),
            ("two", [free, _chutes.Gpu(4)], 409, $"GPU {_chutes.Gpu(4)} is already assigned to instance: {held}"),
            ("picky", [free], 400, $"Node {free} is not compatible with chute node selector!"),
        ];
        foreach (var (chute, gpus, status, text) in table)
        {
            using var pod = new TestPod(_chutes, await _chutes.IssueAsync(chute), gpus);
            await IsFinalAsync(pod, status, text, pod.TryClaimAsync());
        }

        using var elsewhere = new TestPod(_chutes, await _chutes.IssueAsync("one"), [free]);
        await IsFinalAsync(
            elsewhere,
            400,
            "Instance hostname does not match the node verification hostname: gpu.example vs 127.0.0.1",
            elsewhere.TryClaimAsync(claim => claim["host"] = "gpu.example"));
        using var good = new TestPod(_chutes, await _chutes.IssueAsync("one"), [free]);
        await good.ClaimAsync();

        static async Task IsFinalAsync(TestPod pod, int status, string text, Task<(int, string)> claiming)
        {
            await ExpectAsync(status, text, claiming);
            await ExpectAsync(403, "Launch config failed verification: invalid GPU/nodes configuration provided", pod.TryClaimAsync());
            await ExpectAsync(403, "Launch config failed verification: invalid GPU/nodes configuration provided", ProveNothingAsync(pod));
        }
    }

    [NeedsSodiumFact]
    public async Task A_proof_is_taken_once_and_of_what_was_claimed()
    {
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("one"), [_chutes.Gpu(6)]);
        await ExpectAsync(409, "Launch config has not been claimed.", ProveNothingAsync(pod));
        await ExpectAsync(403, "Launch config has not been verified.", pod.TryActivateAsync());
        await pod.ClaimAsync();
        var (status, again) = await pod.TryClaimAsync();
        Assert.Equal(401, status);
        Assert.Matches($@"^Launch config config_id='{pod.ConfigId}' has already been retrieved: config\.retrieved_at=\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{6}}$", Detail(again));
        await ExpectAsync(403, "Launch config has not been verified.", pod.TryActivateAsync());
        Assert.Equal(422, (await pod.SendAsync(HttpMethod.Put, "no object")).Status);
        var id = (string)(await pod.ProveAsync())["instance_id"]!;

        await ExpectAsync(400, $"Launch config has already been verified: {pod.ConfigId}", pod.TryProveAsync());
        Assert.Equal(200, (await _chutes.DeleteAsync("one", id)).Status);
        await ExpectAsync(404, $"Instance has disappeared for launch_config_id='{pod.ConfigId}'", pod.TryActivateAsync());
    }

    [NeedsSodiumFact]
    public async Task A_proof_of_what_is_gone_ends_its_config()
    {
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("one"), [_chutes.Gpu(7)]);
        await pod.ClaimAsync();
        var instances = await _chutes.Silo.GetAsync($"/api/instances?label=launch_config_id:{pod.ConfigId}");
        Assert.Equal(200, (await _chutes.DeleteAsync("one", (string)instances[0]!["uuid"]!)).Status);

        await ExpectAsync(404, "Instance disappeared (did you update gepetto reconcile?)", pod.TryProveAsync());
        await ExpectAsync(403, "Launch config failed verification: Instance was deleted", pod.TryProveAsync());
    }

    /// <summary>Whatever is wrong with a proof: config and instance are over, and the GPU is free.</summary>
    [NeedsSodiumFact]
    public async Task A_proof_that_does_not_hold_ends_all()
    {
        var gpu = _chutes.Gpu(8);
        (Func<TestPod, Task<(int, string)>> Prove, string Text)[] table =
        [
            (pod => pod.TryProveAsync(change: proof => proof["response"] = "AAAA"), @"PoVW encrypted response for {0} was invalid: it can't be decrypted"),
            (pod => pod.TryProveAsync(change: proof => proof["iv"] = "00"), @"PoVW encrypted response for {0} was invalid: it can't be decrypted"),
            (pod => pod.TryProveAsync(change: proof => proof.Remove("response")), @"PoVW encrypted response for {0} was invalid: there is no response"),
            (pod => pod.TryProveAsync(change: proof => proof.Remove("proof")), $@"PoVW proof of node {gpu} failed for {{0}}\."),
            (pod => pod.TryProveAsync(work: "none"), $@"PoVW proof of node {gpu} failed for {{0}}\."),
            (ProveLateAsync, @"PoVW encrypted response for config_id='{1}' and instance_id='{2}' miner_hotkey='{3}' took \d+(\.\d+)? seconds, exceeding maximum estimate of 645"),
        ];
        foreach (var (prove, text) in table)
        {
            using var pod = new TestPod(_chutes, await _chutes.IssueAsync("one"), [gpu]);
            await pod.ClaimAsync();
            var id = (string)(await _chutes.Silo.GetAsync($"/api/instances?label=launch_config_id:{pod.ConfigId}"))[0]!["uuid"]!;

            var (status, body) = await prove(pod);

            var whose = $"config_id='{pod.ConfigId}' instance_id='{id}' miner_hotkey='{_chutes.Miner.Address}'";
            Assert.Equal(403, status);
            Assert.Matches($"^{string.Format(null, text, whose, pod.ConfigId, id, _chutes.Miner.Address)}$", Detail(body));
            await ExpectAsync(403, $"Launch config failed verification: {Detail(body)}", pod.TryProveAsync());
            Assert.Equal(404, (await _chutes.DeleteAsync("one", id)).Status);
            await Eventually.Get("its end to be told", () => _chutes.EventsAsync(id), seen => seen.Contains("deleted"));
            var events = await _chutes.EventsAsync(id);
            Assert.Equal(["issued", "claimed", "failed", "deleted"], events.Where(type => type is "issued" or "claimed" or "failed" or "deleted"));
        }

        async Task<(int, string)> ProveLateAsync(TestPod pod)
        {
            await _chutes.AgeClaimAsync(pod.ConfigId);
            return await pod.TryProveAsync();
        }
    }

    [NeedsSodiumFact]
    public async Task Of_instances_without_a_config()
    {
        var port = FreePort.Find();
        Task<(int, string)> CreateAsync(string chute, string gpu, string host = ChutesSilo.Host, int? at = null) => SignedAsync(
            HttpMethod.Post, $"/instances/{chute}/", new JsonObject { ["node_ids"] = new JsonArray(gpu), ["host"] = host, ["port"] = at ?? port });

        await ExpectAsync(404, "Chute none not found", CreateAsync("none", _chutes.Gpu(9)));
        await ExpectAsync(400, "Your miner is outdated, you must upgrade to support launch configs.", CreateAsync("one", _chutes.Gpu(9)));
        await ExpectAsync(400, "Invalid instance host: no_host", CreateAsync("old", _chutes.Gpu(9), "no_host"));
        Assert.Equal(422, (await CreateAsync("old", _chutes.Gpu(9), at: 0)).Item1);
        Assert.Equal(422, (await CreateAsync("old", _chutes.Gpu(9), at: 65536)).Item1);
        await ExpectAsync(404, "Node nothing not found", CreateAsync("old", "nothing"));
        await ExpectAsync(400, "Instance hostname does not match the node verification hostname: localhost vs 127.0.0.1", CreateAsync("old", _chutes.Gpu(9), "localhost"));

        var (status, body) = await CreateAsync("old", _chutes.Gpu(9));
        Assert.True(status == 202, body);
        var made = JsonNode.Parse(body)!;
        var id = (string)made["instance_id"]!;
        Assert.DoesNotContain("symmetric_key", body);
        await ExpectAsync(409, $"Host/port 127.0.0.1:{port} is already in use by another instance.", CreateAsync("old", _chutes.Gpu(10)));
        await ExpectAsync(409, $"GPU {_chutes.Gpu(9)} is already assigned to instance: {id}", CreateAsync("old", _chutes.Gpu(9), at: FreePort.Find()));

        var path = $"/instances/old/{id}";
        var active = new JsonObject { ["active"] = true };
        await ExpectAsync(404, "Instance not found.", SignedAsync(HttpMethod.Patch, path, active, _chutes.OtherMiner));
        await ExpectAsync(404, "Instance not found.", SignedAsync(HttpMethod.Patch, $"/instances/one/{id}", active));
        await ExpectAsync(
            404, $"Instance with chute_id='old' {id} associated with hotkey='{_chutes.OtherMiner.Address}' not found", _chutes.DeleteAsync("old", id, _chutes.OtherMiner));
        Assert.Equal(200, (await _chutes.DeleteAsync("old", id)).Status);
        await ExpectAsync(404, $"Instance with chute_id='old' {id} associated with hotkey='{_chutes.Miner.Address}' not found", _chutes.DeleteAsync("old", id));
        await ExpectAsync(404, "Instance not found.", SignedAsync(HttpMethod.Patch, path, active));
    }

    [NeedsSodiumFact]
    public async Task Of_miners_and_chutes_that_get_no_more_instances_without_a_config()
    {
        var miner = await NewMinerAsync("d", 4);
        Task<(int, string)> CreateAsync(int number) => SignedAsync(
            HttpMethod.Post, "/instances/oldest/", new JsonObject { ["node_ids"] = new JsonArray($"d{number}"), ["host"] = ChutesSilo.Host, ["port"] = FreePort.Find() }, miner);

        await _chutes.PutMinerAsync(miner, "cheating");
        await ExpectAsync(403, "Your hotkey has been blacklisted: cheating", CreateAsync(0));
        await _chutes.PutMinerAsync(miner);
        for (var number = 0; number < 3; number++)
        {
            Assert.Equal(202, (await CreateAsync(number)).Item1);
        }

        await ExpectAsync(423, "Chute oldest has reached its target capacity of 0 instances.", CreateAsync(3));
    }

    private static Task<(int Status, string Body)> ProveNothingAsync(TestPod pod) =>
        pod.SendAsync(HttpMethod.Put, new JsonObject { ["response"] = "AAAA", ["iv"] = "00", ["proof"] = new JsonObject() });

    private static async Task ExpectAsync(int status, string text, Task<(int Status, string Body)> answering)
    {
        var answer = await answering;
        Assert.Equal((status, text), (answer.Status, Detail(answer.Body)));
    }

    private static string Detail(string body) => JsonNode.Parse(body)?["detail"] is JsonValue text ? (string)text! : body;

    private static JsonObject Job(string id) => new()
    {
        ["job_id"] = id,
        ["chute_id"] = "jobs",
        ["method"] = "train",
        ["ports"] = new JsonArray(new JsonObject { ["port"] = 2222 }, new JsonObject { ["port"] = 5353, ["proto"] = "udp" }),
    };

    /// <summary>A miner of its own, with so many GPUs: <c>c0</c>, <c>c1</c> and so on.</summary>
    private async Task<TestHotkey> NewMinerAsync(string prefix, int gpus)
    {
        var miner = new TestHotkey();
        await _chutes.PutMinerAsync(miner);
        for (var number = 0; number < gpus; number++)
        {
            await _chutes.PutAsync($"nodes/{prefix}{number}", ChutesSilo.Node($"{prefix}{number}", miner));
        }

        return miner;
    }

    private Task<(int Status, string Body)> SignedAsync(HttpMethod method, string path, JsonObject body, TestHotkey? miner = null) =>
        _chutes.SendAsync(method, path, (miner ?? _chutes.Miner).WithBody(body.ToJsonString(), DateTimeOffset.UtcNow), body);

    public sealed class Shared : IAsyncLifetime
    {
        internal ChutesSilo Chutes { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            var picky = ChutesSilo.Chute("picky");
            picky["node_selector"]!["include"] = new JsonArray("a100");
            var (old, oldest) = (ChutesSilo.Chute("old"), ChutesSilo.Chute("oldest", target: 0));
            old["chutes_version"] = "0.2.9";
            oldest["chutes_version"] = "0.2.9";
            Chutes = await ChutesSilo.StartAsync(
                [ChutesSilo.Chute("one", target: 100), ChutesSilo.Chute("two", gpus: 2), ChutesSilo.Chute("near", target: 2), ChutesSilo.Chute("jobs"), picky, old, oldest],
                [Job("job-1"), Job("job-gone"), Job("job-race")]);
        }

        public async Task DisposeAsync() => await Chutes.DisposeAsync();
    }
}
