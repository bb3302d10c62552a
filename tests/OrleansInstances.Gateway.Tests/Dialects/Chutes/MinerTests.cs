using Microsoft.AspNetCore.Routing;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Hotkeys.Tests;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>The routes without a launch config, and what belongs to all.</summary>
public sealed class MinerTests : IAsyncLifetime
{
    private const string Active = """{"active":true}""";
    private const string Create = """{"node_ids":["a","b"],"host":"1.1.1.1","port":30000}""";

    private static readonly string Row =
        $$"""{"instance_id":"{{ScriptedLaunchConfig.InstanceId}}","host":"127.0.0.1","port":30000,"chute_id":"chute","version":"1","miner_uid":7,"miner_hotkey":"hot","miner_coldkey":"cold","region":"n/a","active":false,"verified":false,"last_queried_at":null,"created_at":"2026-03-14T09:59:30.000000","updated_at":"2026-03-14T09:59:30.000000","last_verified_at":null,"verification_error":null,"consecutive_failures":0,"chutes_version":null,"config_id":null,"cacert":null,"port_mappings":null}""";

    private ChutesHost _host = null!;

    private ScriptedChuteInstance Instance => _host.Gateway.Grains.ChuteInstance;

    public async Task InitializeAsync() => _host = await ChutesHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>Those that let somebody in by themselves, but for ksm's.</summary>
    [Fact]
    public void There_are_eight_routes()
    {
        var routes = _host.Gateway.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<RouteAccess>()?.Check == KeyCheck.Route && !route.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal))
            .Select(route => $"{route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "ANY"} {route.RoutePattern.RawText}");

        Assert.Equal(
            [
                "ANY /instances/{**path}", "DELETE /instances/{chute_id}/{instance_id}", "GET /instances/launch_config",
                "GET /instances/launch_config/{config_id}/activate", "GET /instances/token_check", "PATCH /instances/{chute_id}/{instance_id}",
                "POST /instances/launch_config/{config_id}", "POST /instances/{chute_id}", "PUT /instances/launch_config/{config_id}",
            ],
            routes.Order(StringComparer.Ordinal));
    }

    [NeedsSodiumFact]
    public async Task A_create_answers_202_with_the_row_but_its_key()
    {
        Assert.Equal((202, Row), await SentAsync(_host.SignedBodyAsync(HttpMethod.Post, "/instances/old/", Create)));
        Assert.Equal([$"create old {_host.Miner.Address} a+b 1.1.1.1:30000"], Instance.Calls);
    }

    [NeedsSodiumFact]
    public async Task Without_the_slash_it_is_sent_there()
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = _host.Gateway.Http.BaseAddress };

        using var response = await client.PostAsync(new Uri("/instances/old?a=b", UriKind.Relative), new StringContent(Create));

        Assert.Equal((307, "/instances/old/?a=b"), ((int)response.StatusCode, response.Headers.Location?.ToString()));
    }

    [NeedsSodiumTheory]
    [InlineData("127.0.0.1")]
    [InlineData("203.0.113.10")]
    [InlineData("localhost")]
    [InlineData("::1")]
    [InlineData("a_b")]
    public async Task A_host_that_is_not_let_in_is_400(string host)
    {
        Assert.Equal(
            (400, $$"""{"detail":"Invalid instance host: {{host}}"}"""),
            await SentAsync(_host.SignedBodyAsync(HttpMethod.Post, "/instances/old/", Create.Replace("1.1.1.1", host, StringComparison.Ordinal))));
        Assert.Empty(Instance.Calls);
    }

    /// <summary>Chute and miner are the grain's to refuse, and come before the host.</summary>
    [NeedsSodiumFact]
    public async Task What_comes_before_the_host_is_told_first()
    {
        Instance.Refusal = new LaunchRefusal(LaunchRefusalKind.NotFound, "Chute nothing not found");
        var body = Create.Replace("1.1.1.1", "127.0.0.1", StringComparison.Ordinal);

        foreach (var chute in new[] { "nothing", "chute" })
        {
            Assert.Equal((404, """{"detail":"Chute nothing not found"}"""), await SentAsync(_host.SignedBodyAsync(HttpMethod.Post, $"/instances/{chute}/", body)));
        }

        _host.Inventory.Miners[_host.Miner.Address] = new ChuteMiner(_host.Miner.Address, "cold", 7, "cheating");
        Assert.Equal(404, (await _host.SignedBodyAsync(HttpMethod.Post, "/instances/old/", body)).Status);
    }

    [NeedsSodiumFact]
    public async Task A_patch_only_activates()
    {
        Assert.Equal(
            (400, """{"detail":"Patch endpoint only supports {\"active\": true} as request body."}"""),
            await SentAsync(_host.SignedBodyAsync(HttpMethod.Patch, ChutesHost.InstancePath, """{"active":false}""")));
        Assert.Equal((404, """{"detail":"Instance not found."}"""), await SentAsync(_host.SignedBodyAsync(HttpMethod.Patch, "/instances/chute/7", Active)));
        Assert.Empty(Instance.Calls);

        Assert.Equal((200, Row), await SentAsync(_host.SignedBodyAsync(HttpMethod.Patch, ChutesHost.InstancePath, Active)));
        Assert.Equal([$"activate chute {_host.Miner.Address}"], Instance.Calls);
    }

    /// <summary>Of a chute of before launch configs, which this gateway verifies.</summary>
    [NeedsSodiumFact]
    public async Task An_old_instance_is_verified_in_the_background_six_times_in_ten_minutes_at_most()
    {
        Instance.Instance = Instance.Instance with { ChuteId = "old" };
        Task<Answer> PatchAsync() => _host.SignedBodyAsync(HttpMethod.Patch, ChutesHost.InstancePath, Active);

        // While one is under way no other begins.
        Assert.Equal(200, (await PatchAsync()).Status);
        Assert.Equal(200, (await PatchAsync()).Status);
        for (var attempt = 1; attempt <= 6; attempt++)
        {
            var before = attempt;
            var last = _host.Outside.Legacy;
            _host.Outside.Legacy = new();
            last.SetResult(attempt % 2 == 0 ? null : "no answer");
            await Eventually.Holds("the attempt to end", () => Instance.Calls.Count(call => call.StartsWith("verified", StringComparison.Ordinal)) == before);
            if (attempt < 6)
            {
                await Eventually.HoldsAsync("the next attempt to begin", async () => (await PatchAsync()).Status == 200 && _host.Outside.Begun == before + 1);
            }
        }

        await Eventually.HoldsAsync("the seventh to be refused", async () => (await PatchAsync()).Status == 429);
        Assert.Equal((429, """{"detail":"Too may verification requests."}"""), await SentAsync(PatchAsync()));
        _host.Gateway.Time.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(200, (await PatchAsync()).Status);
    }

    [NeedsSodiumFact]
    public async Task One_that_serves_is_not_verified_again()
    {
        Instance.Instance = Instance.Instance with { ChuteId = "old", Active = true, Verified = true };

        Assert.Equal(200, (await _host.SignedBodyAsync(HttpMethod.Patch, ChutesHost.InstancePath, Active)).Status);
        Assert.Equal(0, _host.Outside.Begun);
    }

    [NeedsSodiumFact]
    public async Task A_delete_answers_with_the_id()
    {
        Assert.Equal(
            (200, $$"""{"instance_id":"{{ScriptedLaunchConfig.InstanceId}}","deleted":true}"""),
            await SentAsync(_host.SignedAsync(HttpMethod.Delete, ChutesHost.InstancePath, "instances")));
        Assert.Equal([$"delete chute {_host.Miner.Address}"], Instance.Calls);
        Assert.Equal(
            (404, $$"""{"detail":"Instance with chute_id='launch_config' 7 associated with hotkey='{{_host.Miner.Address}}' not found"}"""),
            await SentAsync(_host.SignedAsync(HttpMethod.Delete, "/instances/launch_config/7", "instances")));
        Assert.Equal(401, (await _host.SignedAsync(HttpMethod.Delete, ChutesHost.InstancePath, "launch")).Status);
    }

    [NeedsSodiumTheory]
    [InlineData("/instances/token_check", "203.0.113.7, 10.0.0.1", "6a13a121-578a-50ab-9434-bbe479ca7592")]
    [InlineData("/instances/token_check?salt=abc", "203.0.113.7", "f499ac64-9f2d-58bc-86e3-20ae6e75971d")]
    [InlineData("/instances/token_check?salt=42", null, "bb8892f4-5fcb-5bfd-8b62-542476cfc4c2")]
    [InlineData("/instances/token_check?salt=", null, "26b37394-9fa9-5f95-bf24-3556dba377fa")]
    public async Task A_token_check_needs_no_key(string path, string? forwarded, string token)
    {
        KeyValuePair<string, string>[] headers = forwarded is null ? [] : [new("X-Forwarded-For", forwarded)];

        Assert.Equal((200, $$"""{"token":"{{token}}"}"""), await SentAsync(_host.SendAsync(HttpMethod.Get, path, headers)));
    }

    [NeedsSodiumTheory]
    [InlineData("GET", "/instances", 404)]
    [InlineData("GET", "/instances/a/b/c", 404)]
    [InlineData("GET", "/instances/launch_config/a/b", 404)]
    [InlineData("GET", "/instances/chute", 405)]
    [InlineData("GET", "/instances/chute/x", 405)]
    [InlineData("PUT", "/instances/chute/x", 405)]
    [InlineData("DELETE", "/instances/token_check", 405)]
    [InlineData("POST", "/instances/launch_config/x/activate", 405)]
    public async Task Other_paths_and_methods_are_told_so(string method, string path, int status) =>
        Assert.Equal((status, status == 404 ? """{"detail":"Not Found"}""" : """{"detail":"Method Not Allowed"}"""), await SentAsync(_host.SendAsync(new HttpMethod(method), path, [])));

    [Fact]
    public async Task Without_libsodium_this_dialect_alone_answers_503_and_says_what_to_install()
    {
        await using var host = await ChutesHost.StartAsync(host => host.HasSodium = false);

        foreach (var (method, path) in new[] { ("GET", "/instances/launch_config?chute_id=chute"), ("GET", "/instances/token_check"), ("POST", ChutesHost.ConfigPath), ("GET", "/instances/x") })
        {
            var answer = await host.SendAsync(new HttpMethod(method), path, []);
            Assert.Equal((503, """{"detail":"Hotkeys can't be checked here: libsodium is missing (Debian and Ubuntu: apt-get install libsodium23)."}"""), (answer.Status, answer.Body));
        }

        host.Gateway.Use(GatewayHost.Key);
        Assert.Equal(200, (await host.Gateway.GetAsync("/api/instances")).Status);
        Assert.Contains("Warning The chutes dialect answers 503 to everything: libsodium is missing", host.Gateway.Log.Text);
    }

    [Fact]
    public async Task Challenges_in_software_are_loud()
    {
        await using var host = await ChutesHost.StartAsync(host => host.Gateway.Settings["SKIP_GPU_VERIFICATION"] = "true");

        Assert.Contains("Warning SKIP_GPU_VERIFICATION is set: challenges are made and answered in software and prove nothing about GPUs.", host.Gateway.Log.Text);
    }

    [Theory]
    [InlineData(null, true, true)]
    [InlineData("launch-secret", true, true)]
    [InlineData("my own", true, false)]
    [InlineData(null, false, false)]
    public async Task Tokens_that_anybody_can_make_are_loud_where_there_are_miners(string? key, bool hasMiners, bool isLoud)
    {
        await using var host = await ChutesHost.StartAsync(host =>
        {
            if (key is null)
            {
                host.Gateway.Settings.Remove("LAUNCH_CONFIG_KEY");
            }
            else
            {
                host.Gateway.Settings["LAUNCH_CONFIG_KEY"] = key;
            }

            if (!hasMiners)
            {
                host.Inventory.Miners.Clear();
            }
        });

        Assert.Equal(isLoud, host.Gateway.Log.Text.Contains("Warning LAUNCH_CONFIG_KEY is not set: launch tokens are signed with a key that everybody knows", StringComparison.Ordinal));
    }

    private static async Task<(int Status, string Body)> SentAsync(Task<Answer> sending)
    {
        var answer = await sending;
        return (answer.Status, answer.Body);
    }
}
