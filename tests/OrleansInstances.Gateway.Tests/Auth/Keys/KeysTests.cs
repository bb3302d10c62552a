using System.Text.RegularExpressions;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Auth.Keys;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Tests.Auth.Keys;

public sealed partial class KeysTests : IAsyncLifetime
{
    private const string Path = "/api/keys";

    private readonly GatewayHost _host = new();

    public async Task InitializeAsync() => await _host.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_key_is_shown_once_and_then_listed_without_it()
    {
        const string described = """
            "id":"#","name":"ci","scopes":["view","lifecycle"],"owner":"alice","labels":{"team":"a"},"created_at":1773482400,"expires_at":1773486000
            """;

        var created = await _host.PostAsync(
            Path, """{"name":"ci","scopes":["view","lifecycle","view"],"owner":"alice","labels":{"team":"a"},"expires_at":1773486000,"more":1}""");

        Assert.Equal((201, $$"""{{{described}},"key":"oi_#"}"""), (created.Status, Shape(created.Body)));
        Assert.Equal($$"""[{{{described}}}]""", Shape((await _host.GetAsync(Path)).Body));
        _host.Use((string)created.Json["key"]!);
        Assert.Equal(200, (await _host.GetAsync("/api/instances")).Status);
        Assert.Equal(403, (await _host.GetAsync(Path)).Status);
    }

    [Theory]
    [InlineData("1773486000", 1773486000)]
    [InlineData("\"2026-03-14T11:00:00Z\"", 1773486000)]
    [InlineData("\"2026-03-14T12:00:00.5+01:00\"", 1773486000)]
    [InlineData("null", null)]
    public async Task An_end_is_unix_seconds_or_rfc_3339(string end, int? seconds)
    {
        var created = await _host.PostAsync(Path, $$"""{"name":"ci","scopes":["view"],"expires_at":{{end}}}""");

        Assert.Equal((201, seconds), (created.Status, (int?)created.Json["expires_at"]));
    }

    [Theory]
    [InlineData("""{"scopes":["view"]}""", "name must be 1 to 100")]
    [InlineData("""{"name":"","scopes":["view"]}""", "name must be 1 to 100")]
    [InlineData("""{"name":"a\nb","scopes":["view"]}""", "name must be 1 to 100")]
    [InlineData("""{"name":"ci"}""", "scopes must be at least one of view, console, lifecycle, exec, admin.")]
    [InlineData("""{"name":"ci","scopes":[]}""", "scopes must be at least one")]
    [InlineData("""{"name":"ci","scopes":["view","root"]}""", "scopes: \"root\" is not one of view,")]
    [InlineData("""{"name":"ci","scopes":["view",""]}""", "scopes: \"\" is not")]
    [InlineData("""{"name":"ci","scopes":["view",null]}""", "scopes: \"\" is not")]
    [InlineData("""{"name":"ci","scopes":["ksm"]}""", "scopes: \"ksm\" is not")]
    [InlineData("""{"name":"ci","scopes":["view admin"]}""", "scopes: \"view admin\" is not")]
    [InlineData("""{"name":"ci","scopes":"view"}""", "\"scopes\" has the wrong type")]
    [InlineData("""{"name":"ci","scopes":["view"],"owner":""}""", "owner must be 1 to 100")]
    [InlineData("""{"name":"ci","scopes":["view"],"labels":{"":"x"}}""", "labels: a key must be")]
    [InlineData("""{"name":"ci","scopes":["view"],"labels":{"a":null}}""", "labels must not contain null")]
    [InlineData("""{"name":"ci","scopes":["view"],"expires_at":1773482400}""", "expires_at must be in the future")]
    [InlineData("""{"name":"ci","scopes":["view"],"expires_at":"soon"}""", "expires_at must be unix seconds or")]
    [InlineData("""{"name":"ci","scopes":["view"],"expires_at":9e99}""", "expires_at must be unix seconds or")]
    [InlineData("""{"name":"ci","scopes":["view"],"expires_at":true}""", "expires_at must be unix seconds or")]
    [InlineData("""{"name":"ci","scopes":["admin"],"owner":"alice"}""", "owner: an administrator's key can't be limited")]
    [InlineData("""{"name":"ci","scopes":["view","admin"],"labels":{"a":"b"}}""", "labels: an administrator's key can't be limited")]
    public async Task What_makes_no_sense_is_422_and_names_its_field(string body, string error)
    {
        var answer = await _host.PostAsync(Path, body);

        Assert.Equal(422, answer.Status);
        Assert.StartsWith(error, answer.Error, StringComparison.Ordinal);
        Assert.Equal("[]", (await _host.GetAsync(Path)).Body);
    }

    [Fact]
    public async Task A_revoked_key_opens_nothing_at_once_and_is_not_listed()
    {
        var created = await CreateAsync("view");
        _host.Use(created.Key);
        Assert.Equal(200, (await _host.GetAsync("/api/instances")).Status);
        _host.Use(GatewayHost.Key);

        var deleted = await _host.SendAsync(HttpMethod.Delete, $"{Path}/{created.Id}");

        Assert.Equal((204, ""), (deleted.Status, deleted.Body));
        Assert.Equal("[]", (await _host.GetAsync(Path)).Body);
        Assert.Equal(
            (404, """{"error":"There is no such key.","code":"not_found"}"""),
            await _host.SendAsync(HttpMethod.Delete, $"{Path}/{created.Id}") is var again ? (again.Status, again.Body) : default);
        Assert.Equal(404, (await _host.SendAsync(HttpMethod.Delete, $"{Path}/ci")).Status);
        _host.Use(created.Key);
        Assert.Equal(401, (await _host.GetAsync("/api/instances")).Status);
    }

    [Fact]
    public async Task Neither_the_ksm_password_nor_a_session_is_a_key_to_list_or_revoke()
    {
        await _host.AddKeyAsync("ksm-password", scopes: "ksm");
        var session = new StoredKey { Id = Guid.NewGuid(), Name = "ann", Hash = ApiKey.Hash("s"), Scopes = "user", UserId = 1, CreatedAt = _host.Time.GetUtcNow() };
        await _host.Service<IKeyTable>().InsertAsync(session, default);

        Assert.Equal("[]", (await _host.GetAsync(Path)).Body);
        foreach (var stored in await _host.Service<IKeyTable>().ListAsync(default))
        {
            Assert.Equal(404, (await _host.SendAsync(HttpMethod.Delete, $"{Path}/{stored.Id}")).Status);
        }
    }

    [Fact]
    public async Task The_last_administrators_key_stays()
    {
        await using var host = new GatewayHost { Settings = { ["OI:API_KEY"] = null } };
        await host.StartAsync();
        await host.AddKeyAsync("oi_admin");
        var first = (await host.Service<IKeyTable>().ListAsync(default)).Single(key => key.Name == "first").Id;
        host.Use("oi_admin");
        await host.AddKeyAsync("oi_over", expiresAt: host.Time.GetUtcNow());
        await host.AddKeyAsync("oi_limited", owner: "alice");
        var mine = (await host.Service<IKeyTable>().FindAsync(ApiKey.Hash("oi_admin"), default))!.Id;

        Assert.Equal(204, (await host.SendAsync(HttpMethod.Delete, $"{Path}/{first}")).Status);
        var last = await host.SendAsync(HttpMethod.Delete, $"{Path}/{mine}");

        Assert.Equal((409, "last_admin_key"), (last.Status, last.Code));
        Assert.Equal(200, (await host.GetAsync(Path)).Status);
    }

    [Fact]
    public async Task Of_the_last_two_administrators_keys_only_one_can_go()
    {
        await using var host = new GatewayHost { Settings = { ["OI:API_KEY"] = null } };
        await host.StartAsync();
        await host.AddKeyAsync("oi_admin");
        var desk = host.Service<KeyDesk>();
        var ids = (await desk.ListAsync(default)).Select(key => key.Id).ToList();

        // Both have asked for all they ask for before either goes on.
        var hold = new TaskCompletionSource();
        host.KeyTable.Hold = hold.Task;
        var revocations = ids.Select(id => desk.RevokeAsync(id, default)).ToList();
        hold.SetResult();
        var errors = await Task.WhenAll(revocations);

        Assert.Equal(2, ids.Count);
        Assert.Equal("last_admin_key", Assert.Single(errors, error => error is not null)!.Code);
    }

    [Fact]
    public async Task With_a_bootstrap_key_the_last_stored_one_can_go()
    {
        var created = await CreateAsync("admin");

        Assert.Equal(204, (await _host.SendAsync(HttpMethod.Delete, $"{Path}/{created.Id}")).Status);
    }

    [Fact]
    public async Task A_limited_administrators_key_from_elsewhere_makes_no_keys()
    {
        await _host.AddKeyAsync("oi_limited", owner: "alice");
        _host.Use("oi_limited");

        Assert.Equal(403, (await _host.PostAsync(Path, """{"name":"more","scopes":["admin"]}""")).Status);
        Assert.Equal(200, (await _host.GetAsync("/api/instances")).Status);
    }

    private async Task<(string Key, string Id)> CreateAsync(string scope)
    {
        var created = await _host.PostAsync(Path, $$"""{"name":"ci","scopes":["{{scope}}"]}""");
        return ((string)created.Json["key"]!, (string)created.Json["id"]!);
    }

    private static string Shape(string body) => Varying().Replace(body, "#");

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=\"oi_)[A-Za-z0-9_-]{43}(?=\")")]
    private static partial Regex Varying();
}
