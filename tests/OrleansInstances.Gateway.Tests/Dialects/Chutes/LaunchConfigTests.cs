using System.Text;
using System.Text.Json.Nodes;
using OrleansInstances.Gateway.Dialects.Chutes;
using OrleansInstances.Gateway.Dialects.Chutes.Gpus;
using OrleansInstances.Hotkeys.Tests;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>The four routes of launch configs: bodies, order of checks, and what the grain is told.</summary>
public sealed class LaunchConfigTests : IAsyncLifetime
{
    private const string Claim =
        """{"gpus":[{"uuid":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","name":"H100"}],"host":"gpu.example","port_mappings":[{"proto":"tcp","internal_port":8000,"external_port":30000,"default":true},{"proto":"TCP","internal_port":2222,"external_port":"30002","default":false},{"internal_port":8001.0,"external_port":30001}],"env":"e","code":"c"}""";

    private ChutesHost _host = null!;

    public static TheoryData<LaunchRefusalKind, int> Kinds => new()
    {
        { LaunchRefusalKind.Unauthorized, 401 },
        { LaunchRefusalKind.NotFound, 404 },
        { LaunchRefusalKind.Forbidden, 403 },
        { LaunchRefusalKind.Invalid, 400 },
        { LaunchRefusalKind.Conflict, 409 },
        { LaunchRefusalKind.AtCapacity, 423 },
        { LaunchRefusalKind.TooMany, 429 },
    };

    public async Task InitializeAsync() => _host = await ChutesHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [NeedsSodiumFact]
    public async Task A_launch_config_is_a_token_and_an_id()
    {
        var answer = await _host.SignedAsync(HttpMethod.Get, "/instances/launch_config?chute_id=other&chute_id=chute&job_id=", "launch");

        Assert.Equal(200, answer.Status);
        Assert.Equal($$"""{"token":"{{answer.Json["token"]}}","config_id":"{{ScriptedLaunchConfig.Id}}"}""", answer.Body);
        Assert.Contains(("issue", (object)new LaunchRequest("chute", null, _host.Miner.Address)), _host.Config.Calls);
        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(((string)answer.Json["token"]!).Split('.')[1]))!;
        Assert.Equal($"https://api.chutes.example/instances/launch_config/{ScriptedLaunchConfig.Id}", (string?)claims["url"]);
    }

    [NeedsSodiumFact]
    public async Task Without_a_domain_clients_come_back_to_where_they_came()
    {
        await using var host = await ChutesHost.StartAsync(host => host.Gateway.Settings["BASE_DOMAIN"] = null);

        var answer = await host.SignedAsync(HttpMethod.Get, "/instances/launch_config?chute_id=chute", "launch");

        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(((string)answer.Json["token"]!).Split('.')[1]))!;
        Assert.Equal($"{host.Gateway.Http.BaseAddress}instances/launch_config/{ScriptedLaunchConfig.Id}", (string?)claims["url"]);
    }

    [NeedsSodiumFact]
    public async Task The_signature_comes_before_the_query()
    {
        Assert.Equal(
            (401, """{"detail":"Can't find a user with that api key in our db :("}"""),
            await SentAsync(_host.SendAsync(HttpMethod.Get, "/instances/launch_config", [])));
        Assert.Equal(
            (422, """{"detail":[{"type":"missing","loc":["query","chute_id"],"msg":"Field required","input":null}]}"""),
            await SentAsync(_host.SignedAsync(HttpMethod.Get, "/instances/launch_config", "launch")));
        Assert.Equal(401, (await _host.SignedAsync(HttpMethod.Get, "/instances/launch_config?chute_id=chute", "instances")).Status);
        Assert.Empty(_host.Config.Calls);
    }

    /// <summary>A key of ours, even the administrator's, signs nothing.</summary>
    [NeedsSodiumFact]
    public async Task No_key_stands_for_a_signature()
    {
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/instances/launch_config?chute_id=chute"), (HttpMethod.Post, "/instances/old/"), (HttpMethod.Patch, ChutesHost.InstancePath),
            (HttpMethod.Delete, ChutesHost.InstancePath),
        })
        {
            var answer = await _host.SendAsync(
                method, path, [new("Authorization", $"Bearer {GatewayHost.Key}"), new("X-API-Key", GatewayHost.Key), new("X-Chutes-Hotkey", _host.Miner.Address)], "{}");
            Assert.Equal((401, """{"detail":"Can't find a user with that api key in our db :("}"""), (answer.Status, answer.Body));
        }
    }

    [NeedsSodiumTheory]
    [MemberData(nameof(Kinds))]
    public async Task What_a_grain_refuses_has_its_status_and_its_words(LaunchRefusalKind kind, int status)
    {
        foreach (var call in new[] { "issue", "admit", "check_claim", "claim", "check_verify", "verify", "activate" })
        {
            _host.Config.Refusals[call] = new LaunchRefusal(kind, $"No {call}.");
        }

        var refused = (status, """{"detail":"No issue."}""");
        Assert.Equal(refused, await SentAsync(_host.SignedAsync(HttpMethod.Get, "/instances/launch_config?chute_id=chute", "launch")));
        foreach (var call in new[] { "admit", "check_claim", "claim" })
        {
            Assert.Equal((status, $$"""{"detail":"No {{call}}."}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, Claim)));
            _host.Config.Refusals.Remove(call);
        }

        foreach (var call in new[] { "check_verify", "verify" })
        {
            Assert.Equal((status, $$"""{"detail":"No {{call}}."}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof())));
            _host.Config.Refusals.Remove(call);
        }

        Assert.Equal((status, """{"detail":"No activate."}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Get, $"{ChutesHost.ConfigPath}/activate")));
    }

    [NeedsSodiumFact]
    public async Task A_claim_is_checked_challenged_and_made()
    {
        var answer = await _host.SendAsync(
            HttpMethod.Post, ChutesHost.ConfigPath, [new("Authorization", _host.Token()), new("X-Forwarded-For", " 1.2.3.4, 5.6.7.8")], Claim);

        Assert.Equal(
            (200, $$$"""{"seed":8070450532247928833,"iterations":5,"job_id":null,"symmetric_key":{"ciphertext":"AAAA","uuid":"{{{ScriptedLaunchConfig.Gpu}}}","response_plaintext":"secret is {{{ScriptedLaunchConfig.Id}}} 8070450532247928833"}}"""),
            (answer.Status, answer.Body));
        Assert.Equal(["admit", "check_claim", "claim"], _host.Config.CallNames);
        var claim = (LaunchClaim)_host.Config.Calls.First(call => call.Call == "admit").Argument!;
        Assert.Equal(("gpu.example", "1.2.3.4"), (claim.Host, claim.CallerAddress));
        Assert.Equal([ScriptedLaunchConfig.Gpu], claim.Gpus.AsEnumerable());
        Assert.Equal([new PortMapping(8000, 30000, "tcp"), new PortMapping(2222, 30002, "tcp"), new PortMapping(8001, 30001, "tcp")], claim.Ports.AsEnumerable());
        var key = Assert.Single(_host.Outside.Payloads);
        Assert.Matches("^[0-9a-f]{32}$", key);
        Assert.Contains(("claim", (object)new ClaimChallenge(ScriptedLaunchConfig.Gpu, ScriptedLaunchConfig.Seed, key)), _host.Config.Calls);
    }

    [NeedsSodiumFact]
    public async Task Without_a_proxy_the_caller_is_who_connects()
    {
        await _host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, Claim);

        Assert.Equal("127.0.0.1", ((LaunchClaim)_host.Config.Calls.First(call => call.Call == "admit").Argument!).CallerAddress);
    }

    /// <summary>In the words of whoever verifies.</summary>
    [NeedsSodiumTheory]
    [InlineData("Unable to verify: no", "Unable to verify: no")]
    [InlineData("You are not running the correct command, sneaky devil: [sh]", "Invalid command: [sh]")]
    [InlineData("Failed kubernetes environment check.", "Failed kubernetes environment check.")]
    public async Task A_claim_whose_environment_is_wrong_fails_for_good(string text, string reason)
    {
        _host.Outside.EnvironmentFault = new LaunchFailure(text, reason);

        Assert.Equal((403, $$"""{"detail":"{{text}}"}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, Claim)));
        Assert.Equal(["admit", "fail"], _host.Config.CallNames);
        Assert.Contains(("fail", (object)new LaunchFailure(text, reason)), _host.Config.Calls);
    }

    [NeedsSodiumFact]
    public async Task A_claim_whose_files_are_wrong_fails_for_good()
    {
        _host.Outside.ExpectedFiles = "right";
        const string WrongFiles = "File system verification failure, mismatched hash";
        Assert.Equal((403, $$"""{"detail":"{{WrongFiles}}"}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, Claim)));

        Assert.Equal(["admit", "fail"], _host.Config.CallNames);
        Assert.Equal(200, (await _host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, Claim.Replace("\"env\"", "\"fsv\":\"right\",\"env\"", StringComparison.Ordinal))).Status);
    }

    /// <summary>Before 0.3.1 files are told with the proof.</summary>
    [NeedsSodiumFact]
    public async Task An_older_pod_tells_of_its_files_with_the_proof()
    {
        _host.Config.Chute = _host.Config.Chute with { ChutesVersion = "0.3.0" };
        _host.Outside.ExpectedFiles = "right";

        Assert.Equal(200, (await _host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, Claim)).Status);
        Assert.Equal(200, (await _host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof(files: "right"))).Status);
        Assert.Equal(
            (403, """{"detail":"File system verification failure, mismatched hash"}"""),
            await SentAsync(_host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof())));
    }

    [NeedsSodiumFact]
    public async Task A_challenge_that_can_not_be_made_leaves_the_config_as_it_was()
    {
        _host.Outside.ChallengerFault = new GpuChallengerException("The GPU challenger failed.");

        Assert.Equal((500, """{"detail":"The GPU challenger failed."}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Post, ChutesHost.ConfigPath, Claim)));
        Assert.Equal(["admit", "check_claim"], _host.Config.CallNames);

        Assert.Equal((500, """{"detail":"The GPU challenger failed."}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof())));
        Assert.Equal(["admit", "check_claim", "check_verify"], _host.Config.CallNames);
    }

    [NeedsSodiumTheory]
    [InlineData("POST", "")]
    [InlineData("PUT", "")]
    [InlineData("GET", "/activate")]
    public async Task A_config_opens_to_its_own_token_alone(string method, string more)
    {
        var path = ChutesHost.ConfigPath + more;
        var body = method == "GET" ? null : Claim;
        Task<Answer> SendAsync(string path, params KeyValuePair<string, string>[] headers) => _host.SendAsync(new HttpMethod(method), path, headers, body);
        var other = Guid.NewGuid();

        var invalid = (401, """{"detail":"Missing or invalid launch config JWT"}""");
        Assert.Equal(invalid, await SentAsync(SendAsync(path)));
        Assert.Equal(invalid, await SentAsync(SendAsync(path, new KeyValuePair<string, string>("Authorization", "nonsense"))));
        Assert.Equal(
            (401, $$"""{"detail":"Launch config config_id='{{other}}' does not match token!"}"""),
            await SentAsync(SendAsync($"/instances/launch_config/{other}{more}", new KeyValuePair<string, string>("Authorization", _host.Token()))));
        _host.Gateway.Time.Advance(LaunchConfigSnapshot.Lifetime);
        Assert.Equal(invalid, await SentAsync(SendAsync(path, new KeyValuePair<string, string>("Authorization", _host.Token()))));
        Assert.Empty(_host.Config.Calls);
    }

    /// <summary>The body's fields come before the token, but a proof's after it.</summary>
    [NeedsSodiumFact]
    public async Task The_order_of_body_and_token_is_the_references()
    {
        Assert.Equal(422, (await _host.SendAsync(HttpMethod.Post, ChutesHost.ConfigPath, [], "{")).Status);
        Assert.Equal(422, (await _host.SendAsync(HttpMethod.Post, ChutesHost.ConfigPath, [], "{}")).Status);
        Assert.Equal(401, (await _host.SendAsync(HttpMethod.Put, ChutesHost.ConfigPath, [], "{")).Status);
        Assert.Empty(_host.Config.Calls);
    }

    [NeedsSodiumFact]
    public async Task A_proof_is_checked_and_told()
    {
        var answer = await _host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof());

        Assert.Equal(
            (200, $$"""{"chute_id":"chute","instance_id":"{{ScriptedLaunchConfig.InstanceId}}","verified_at":"2026-03-14T10:00:00.123456","activation_url":"https://api.chutes.example/instances/launch_config/{{ScriptedLaunchConfig.Id}}/activate"}"""),
            (answer.Status, answer.Body));
        Assert.Equal(["check_verify", "verify"], _host.Config.CallNames);
        Assert.Contains(("verify", null), _host.Config.Calls);
        Assert.Equal(["work"], _host.Outside.WorkProducts);
    }

    /// <summary>It has no model that somebody would look at the type for.</summary>
    [NeedsSodiumFact]
    public async Task A_proof_is_json_whatever_it_is_said_to_be()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, ChutesHost.ConfigPath);
        request.Headers.TryAddWithoutValidation("Authorization", _host.Token());
        request.Content = new StringContent(Proof(), Encoding.UTF8, "application/x-www-form-urlencoded");

        Assert.Equal(200, (await _host.Gateway.SendAsync(request)).Status);
    }

    [NeedsSodiumFact]
    public async Task A_job_is_told_with_the_proof()
    {
        _host.Config.Job = new ChuteJob { JobId = "a job", ChuteId = "chute", Method = "train", Args = """{"epochs":3}""" };

        var answer = await _host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof());

        Assert.Equal(("a job", "train", """{"epochs":3}"""), ((string?)answer.Json["job_id"], (string?)answer.Json["job_method"], answer.Json["job_data"]!.ToJsonString()));
        Assert.StartsWith("https://api.chutes.example/jobs/a%20job?token=ey", (string?)answer.Json["job_status_url"]);
    }

    public static TheoryData<string, string> BadProofs => new()
    {
        { "{}", "PoVW encrypted response for config_id='*' was invalid: there is no response" },
        { """{"response":7,"iv":"00","proof":{}}""", "PoVW encrypted response for config_id='*' was invalid: there is no response" },
        { """{"response":"AAAA","proof":{}}""", "PoVW encrypted response for config_id='*' was invalid: there is no iv" },
        { """{"response":"AAAA","iv":"00","proof":{}}""", "PoVW encrypted response for config_id='*' was invalid: it can't be decrypted" },
        { Proof(sentence: "secret is another"), "PoVW encrypted response for config_id='*' was invalid: it says something else" },
        { Proof(work: "null"), "PoVW proof of node aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa failed for config_id='*'." },
        { Proof(work: "[]"), "PoVW proof of node aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa failed for config_id='*'." },
        { Proof(work: """{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":{}}"""), "PoVW proof of node aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa failed for config_id='*'." },
        { Proof(work: """{"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb":{"work_product":"work"}}"""), "PoVW proof of node aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa failed for config_id='*'." },
    };

    [NeedsSodiumTheory]
    [MemberData(nameof(BadProofs))]
    public async Task A_proof_that_does_not_hold_fails_for_good(string body, string text)
    {
        var answer = await _host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, body);

        Assert.Equal(403, answer.Status);
        Assert.Matches($"^{System.Text.RegularExpressions.Regex.Escape(text).Replace("\\*'", "[^.]*'", StringComparison.Ordinal)}$", (string)answer.Json["detail"]!);
        var failure = (LaunchFailure)_host.Config.Calls.Last().Argument!;
        Assert.Equal((string?)answer.Json["detail"], failure.Message);
        Assert.Equal(["check_verify", "verify"], _host.Config.CallNames);
    }

    [NeedsSodiumFact]
    public async Task A_proof_that_the_challenger_rejects_fails_for_good()
    {
        _host.Outside.ProofIsGood = false;

        Assert.Equal(403, (await _host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof())).Status);
        Assert.NotNull(_host.Config.Calls.Last().Argument);
    }

    [NeedsSodiumFact]
    public async Task A_port_of_a_job_that_does_not_answer_fails_for_good()
    {
        _host.Config.Probes = [new PortMapping(2222, 30002, "tcp"), new PortMapping(5353, 30003, "udp")];
        _host.Outside.SilentPort = 30003;

        Assert.Equal(
            (403, """{"detail":"Failed port verification on port_map={'proto': 'udp', 'internal_port': 5353, 'external_port': 30003}"}"""),
            await SentAsync(_host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, Proof())));
        Assert.NotNull(_host.Config.Calls.Last().Argument);
    }

    [NeedsSodiumTheory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("""{"response":"\ud800"}""")]
    public async Task A_proof_that_is_no_object_changes_nothing(string body)
    {
        Assert.Equal(422, (await _host.WithTokenAsync(HttpMethod.Put, ChutesHost.ConfigPath, body)).Status);
        Assert.Empty(_host.Config.CallNames);
    }

    [NeedsSodiumFact]
    public async Task An_instance_says_that_it_serves()
    {
        Assert.Equal((200, """{"ok":true}"""), await SentAsync(_host.WithTokenAsync(HttpMethod.Get, $"{ChutesHost.ConfigPath}/activate")));
        Assert.Equal(["activate"], _host.Config.CallNames);
    }

    private static async Task<(int Status, string Body)> SentAsync(Task<Answer> sending)
    {
        var answer = await sending;
        return (answer.Status, answer.Body);
    }

    private static string Proof(string? sentence = null, string? work = null, string? files = null)
    {
        var text = AesText.Encrypt(Convert.FromHexString(ScriptedLaunchConfig.Key), sentence ?? PodProof.Sentence(ScriptedLaunchConfig.Id, ScriptedLaunchConfig.Seed));
        var bytes = Convert.FromBase64String(text);
        return new JsonObject
        {
            ["response"] = Convert.ToBase64String(bytes[16..]),
            ["iv"] = Convert.ToHexStringLower(bytes[..16]),
            ["proof"] = JsonNode.Parse(work ?? $$$"""{"{{{ScriptedLaunchConfig.Gpu}}}":{"work_product":"work"}}"""),
            ["fsv"] = files,
        }.ToJsonString();
    }
}
