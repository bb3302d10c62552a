using System.Net.Http.Headers;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Tests.Auth;

public sealed class AuthTests : IAsyncLifetime
{
    private const string Missing = """{"error":"Missing API key — set X-API-Key header","code":"missing_key"}""";
    private const string Invalid = """{"error":"Invalid API key","code":"invalid_key"}""";

    private readonly GatewayHost _host = new() { Settings = { ["OI:MAX_KEY_FAILURES_PER_MINUTE"] = "5" } };

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        _host.Http.DefaultRequestHeaders.Clear();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(null, null, 401, Missing)]
    [InlineData("", null, 401, Missing)]
    [InlineData(GatewayHost.Key, null, 200, "[]")]
    [InlineData(null, "Bearer " + GatewayHost.Key, 200, "[]")]
    [InlineData(null, "bearer " + GatewayHost.Key, 200, "[]")]
    [InlineData(GatewayHost.Key, "Bearer " + GatewayHost.Key, 200, "[]")]
    [InlineData(GatewayHost.Key, "Bearer wrong", 200, "[]")]
    [InlineData("wrong", "Bearer " + GatewayHost.Key, 401, Invalid)]
    [InlineData("wrong", null, 401, Invalid)]
    [InlineData(null, "Bearer wrong", 401, Invalid)]
    [InlineData(null, "Bearer ", 401, Missing)]
    [InlineData(null, "Basic " + GatewayHost.Key, 401, Missing)]
    [InlineData(GatewayHost.Key + "x", null, 401, Invalid)]
    [InlineData("oi_test.ke", null, 401, Invalid)]
    [InlineData("OI_TEST.KEY", null, 401, Invalid)]
    [InlineData("no blanks and * in keys", null, 401, Invalid)]
    public async Task A_request_needs_a_good_key(string? key, string? authorization, int status, string body)
    {
        var answer = await GetAsync(key, authorization);

        Assert.Equal((status, body), (answer.Status, answer.Body));
        Assert.Equal(status == 401 ? "Bearer" : null, answer.Header("WWW-Authenticate"));
    }

    [Fact]
    public async Task A_key_as_long_as_a_header_may_be_is_just_wrong() =>
        Assert.Equal(401, (await GetAsync(new string('k', 20_000))).Status);

    [Fact]
    public async Task A_key_sent_twice_is_no_key()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/instances");
        request.Headers.Add("X-API-Key", [GatewayHost.Key, GatewayHost.Key]);

        Assert.Equal(401, (await _host.SendAsync(request)).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/nothing")]
    [InlineData("/api/instances/1")]
    [InlineData("/api/cluster")]
    [InlineData("/api/nodes")]
    [InlineData("/healthy")]
    public async Task Every_path_but_health_asks_for_it(string path) =>
        Assert.Equal(401, (await _host.GetAsync(path)).Status);

    [Theory]
    [InlineData("/health/live", "live\n")]
    [InlineData("/health/ready", "ready\n")]
    public async Task Health_is_open(string path, string body)
    {
        var answer = await _host.GetAsync(path);

        Assert.Equal((200, body), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task A_stored_key_opens_and_its_owner_owns_what_it_creates()
    {
        await _host.AddKeyAsync("oi_alice", owner: "alice");
        _host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "oi_alice");

        var created = await _host.PostAsync("/api/instances", "{}");

        Assert.Equal((201, "alice"), (created.Status, (string?)created.Json["owner"]));
    }

    [Fact]
    public async Task A_revoked_key_closes_within_half_a_minute()
    {
        await _host.AddKeyAsync("oi_alice");
        Assert.Equal(200, (await GetAsync("oi_alice")).Status);
        var keys = _host.Service<IKeyTable>();
        await keys.RevokeAsync((await keys.ListAsync(CancellationToken.None)).Single().Id, CancellationToken.None);

        _host.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(401, (await GetAsync("oi_alice")).Status);
    }

    [Fact]
    public async Task An_expired_key_closes_at_once()
    {
        await _host.AddKeyAsync("oi_alice", expiresAt: _host.Time.GetUtcNow().AddSeconds(5));
        Assert.Equal(200, (await GetAsync("oi_alice")).Status);

        _host.Time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(401, (await GetAsync("oi_alice")).Status);
    }

    [Fact]
    public async Task The_ksm_password_is_no_api_key()
    {
        await _host.AddKeyAsync("ksm-password", scopes: "ksm");

        Assert.Equal(401, (await GetAsync("ksm-password")).Status);
    }

    [Fact]
    public async Task Too_many_wrong_keys_are_429_while_good_ones_go_on_until_the_window_ends()
    {
        await _host.AddKeyAsync("oi_alice");
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(401, (await GetAsync($"wrong{i}")).Status);
        }

        var limited = await GetAsync("wrong");
        Assert.Equal((429, """{"error":"Rate limit exceeded","code":"rate_limited"}""", "60"), (limited.Status, limited.Body, limited.Header("Retry-After")));
        Assert.Equal(429, (await GetAsync(key: null)).Status);
        Assert.Equal(200, (await GetAsync(GatewayHost.Key)).Status);
        Assert.Equal(200, (await GetAsync("oi_alice")).Status);

        _host.Time.Advance(TimeSpan.FromSeconds(59.5));
        Assert.Equal("1", (await GetAsync("wrong")).Header("Retry-After"));
        _host.Time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(401, (await GetAsync("wrong")).Status);
    }

    [Fact]
    public async Task No_key_is_ever_logged()
    {
        await GetAsync(GatewayHost.Key);
        await GetAsync("a-wrong-key");

        Assert.DoesNotContain(GatewayHost.Key, _host.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a-wrong-key", _host.Log.Text, StringComparison.Ordinal);
    }

    private Task<Answer> GetAsync(string? key, string? authorization = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/instances");
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("X-API-Key", key);
        }

        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        return _host.SendAsync(request);
    }
}
