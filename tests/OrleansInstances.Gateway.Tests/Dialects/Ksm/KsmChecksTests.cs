using System.Collections.Immutable;
using System.Text.Json.Nodes;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

/// <summary>Password, key, instance, permission, method: which comes first, and who passes.</summary>
public sealed class KsmChecksTests : IAsyncLifetime
{
    private const string Hostile = """'; DROP TABLE keys; -- " \ %00 <script> ${x} ' OR '1'='1""";

    private static readonly string[] Methods = ["start_server", "stop_server", "server_send", "get_output", "get_instance", "call/nothing"];

    private KsmHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await KsmHost.StartNewAsync();
        await _host.Gateway.AddAsync(Given.Instance(id: Given.Id));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(WrongSecrets))]
    public async Task A_wrong_password_is_refused_before_anything_else_is_looked_at(string? wrong)
    {
        var request = KsmHost.Request("wrong", instance: 99);
        request["password"] = wrong is null ? null : JsonNode.Parse(wrong);
        request["instance_data"]!["args"] = 7;

        foreach (var method in Methods.Append("get"))
        {
            Assert.Equal(KsmHost.Forbidden, await _host.AskAsync($"/api/instance/{method}/", request));
        }
    }

    [Theory]
    [MemberData(nameof(WrongSecrets))]
    public async Task A_wrong_key_is_refused_next(string? wrong)
    {
        var request = KsmHost.Request(instance: 99);
        request["user_key"] = wrong is null ? null : JsonNode.Parse(wrong);
        request["instance_data"]!["args"] = 7;

        foreach (var method in Methods.Append("get"))
        {
            Assert.Equal(KsmHost.Forbidden, await _host.AskAsync($"/api/instance/{method}/", request));
        }
    }

    public static TheoryData<string?> WrongSecrets() =>
    [
        null, "\"\"", "\"wrong\"", "1", "true", "[]", "{}", $"[\"{GatewayHost.Key}\"]", $"\" {GatewayHost.Key} \"",
        ((JsonNode)Hostile).ToJsonString(), ((JsonNode)new string('x', 100_000)).ToJsonString(), ((JsonNode)KsmHost.Password.ToUpperInvariant()).ToJsonString(),
    ];

    [Fact]
    public async Task The_password_is_no_key_and_the_key_no_password()
    {
        var swapped = KsmHost.Request(KsmHost.Password);
        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync("/api/instance/get_instance/", swapped));

        swapped["password"] = GatewayHost.Key;
        swapped["user_key"] = GatewayHost.Key;
        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync("/api/instance/get_instance/", swapped));
    }

    [Fact]
    public async Task Keys_in_headers_do_not_open_it()
    {
        _host.Gateway.Http.DefaultRequestHeaders.Add("X-API-Key", GatewayHost.Key);
        var request = KsmHost.Request();
        request.Remove("user_key");

        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync("/api/instance/get_instance/", request));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("1.0")]
    [InlineData("1.5")]
    [InlineData("1e0")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("\" \"")]
    [InlineData("\"one\"")]
    [InlineData("\"1.0\"")]
    [InlineData("\"0x1\"")]
    [InlineData("\"- 1\"")]
    [InlineData("\"--1\"")]
    [InlineData("\"1 OR 1=1\"")]
    [InlineData("\"1'; DROP TABLE instances; --\"")]
    [InlineData("\"0f8fad5b-d9cb-469f-a165-70867728950e\"")]
    public async Task An_instance_id_that_is_no_integer_is_a_bad_request(string id)
    {
        var request = KsmHost.Request(await _host.LogInAsync(Given.Id, InstancePermissions.None));
        request["instance_data"]!["instance_id"] = JsonNode.Parse(id);
        request["instance_data"]!["args"] = 7;

        foreach (var method in Methods)
        {
            Assert.Equal("""{"status":400,"message":"Bad Request!"}""", await _host.AskAsync($"/api/instance/{method}/", request));
        }
    }

    [Theory]
    [InlineData("""{"args":["x"]}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"x\"")]
    public async Task A_request_without_an_instance_id_is_a_bad_request(string data)
    {
        var request = KsmHost.Request();
        request["instance_data"] = JsonNode.Parse(data);
        Assert.Equal("""{"status":400,"message":"Bad Request!"}""", await _host.AskAsync("/api/instance/start_server/", request));

        request.Remove("instance_data");
        Assert.Equal("""{"status":400,"message":"Bad Request!"}""", await _host.AskAsync("/api/instance/start_server/", request));
    }

    [Theory]
    [InlineData("2")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("2147483647")]
    [InlineData("2147483648")]
    [InlineData("-9223372036854775809")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"-1\"")]
    [InlineData("\"99999999999\"")]
    public async Task An_instance_that_is_not_there_is_told_before_any_permission(string id)
    {
        var request = KsmHost.Request(await _host.LogInAsync(Given.Id, InstancePermissions.None));
        request["instance_data"]!["instance_id"] = JsonNode.Parse(id);
        request["instance_data"]!["args"] = 7;

        foreach (var method in Methods)
        {
            Assert.Equal(KsmHost.NoSuchInstance, await _host.AskAsync($"/api/instance/{method}/", request));
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("\"1\"")]
    [InlineData("\" 1\\n\"")]
    [InlineData("\"+1\"")]
    [InlineData("\"001\"")]
    public async Task An_integer_is_one_in_any_of_pythons_ways(string id)
    {
        var request = KsmHost.Request();
        request["instance_data"]!["instance_id"] = JsonNode.Parse(id);

        Assert.Contains("\"instance_id\":1,", await _host.AskAsync("/api/instance/get_instance/", request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("start_server", InstancePermissions.StartStop)]
    [InlineData("stop_server", InstancePermissions.StartStop)]
    [InlineData("call/server_start", InstancePermissions.StartStop)]
    [InlineData("call/server_stop", InstancePermissions.StartStop)]
    [InlineData("server_send", InstancePermissions.Console)]
    [InlineData("call/server_send", InstancePermissions.Console)]
    [InlineData("get_output", InstancePermissions.Console)]
    [InlineData("call/get_output", InstancePermissions.Console)]
    [InlineData("get_instance", InstancePermissions.View)]
    public async Task A_permission_is_asked_for_before_the_method_looks_at_its_arguments(string method, InstancePermissions needed)
    {
        var request = KsmHost.Request(await _host.LogInAsync(Given.Id, InstancePermissions.All & ~needed));
        request["instance_data"]!["args"] = 7;
        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync($"/api/instance/{method}/", request));
        Assert.Empty(_host.Grains.Instance(Given.Id).Calls);

        foreach (var single in Enum.GetValues<InstancePermissions>().Where(bit => int.IsPow2((int)bit)))
        {
            var answer = await _host.AskAsync($"/api/instance/{method}/", KsmHost.Request(await _host.LogInAsync(Given.Id, single), args: "hello"));
            Assert.Equal((single, single != needed), (single, answer == KsmHost.Forbidden));
        }
    }

    [Fact]
    public async Task An_unknown_method_is_told_to_whoever_passed_all_checks() =>
        Assert.Equal("""{"status":404,"message":"Not found!"}""", await _host.AskAsync("/api/instance/call/nothing/"));

    [Fact]
    public async Task A_user_has_its_permissions_on_the_instances_they_are_for()
    {
        var key = await _host.LogInAsync(Guid.NewGuid(), InstancePermissions.All);

        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync("/api/instance/get_instance/", KsmHost.Request(key)));
    }

    [Fact]
    public async Task An_administrator_needs_no_permissions()
    {
        var key = await _host.LogInAsync(Given.Id, InstancePermissions.None, isAdministrator: true);

        Assert.Contains("\"status\":200,", await _host.AskAsync("/api/instance/get_instance/", KsmHost.Request(key)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("view", true, false, false)]
    [InlineData("console", false, true, false)]
    [InlineData("lifecycle", false, false, true)]
    [InlineData("exec", false, false, false)]
    [InlineData("view console lifecycle", true, true, true)]
    [InlineData("admin", true, true, true)]
    public async Task An_api_keys_scopes_are_its_permissions(string scopes, bool views, bool reads, bool stops)
    {
        await _host.Gateway.AddKeyAsync("oi_scoped", scopes: scopes);
        var request = KsmHost.Request("oi_scoped", args: "hello");

        Assert.Equal(views, await _host.AskAsync("/api/instance/get_instance/", request) != KsmHost.Forbidden);
        Assert.Equal(reads, await _host.AskAsync("/api/instance/get_output/", request) != KsmHost.Forbidden);
        Assert.Equal(stops, await _host.AskAsync("/api/instance/stop_server/", request) != KsmHost.Forbidden);
    }

    [Fact]
    public async Task What_a_limited_key_may_not_see_is_not_there()
    {
        await _host.Gateway.AddKeyAsync("oi_alice", owner: "alice");
        await _host.AddKeyAsync(new StoredKey
        {
            Id = Guid.NewGuid(),
            Name = "labelled",
            Hash = KsmHost.HashOf("oi_labelled"),
            Scopes = "admin",
            Labels = ImmutableDictionary<string, string>.Empty.Add("team", "red"),
            CreatedAt = Given.Created,
        });

        foreach (var method in Methods)
        {
            Assert.Equal(KsmHost.NoSuchInstance, await _host.AskAsync($"/api/instance/{method}/", KsmHost.Request("oi_alice", args: "x")));
            Assert.Equal(KsmHost.NoSuchInstance, await _host.AskAsync($"/api/instance/{method}/", KsmHost.Request("oi_labelled", args: "x")));
        }
    }

    [Theory]
    [InlineData("args", "\"hello\"")]
    [InlineData("args", "7")]
    [InlineData("args", "{}")]
    [InlineData("args", "[1]")]
    [InlineData("args", "[\"fine\",null]")]
    [InlineData("args", "[[\"hello\"]]")]
    [InlineData("kwargs", "[]")]
    [InlineData("kwargs", "\"x\"")]
    [InlineData("kwargs", "1")]
    public async Task Arguments_of_another_type_are_a_bad_request(string field, string value)
    {
        var request = KsmHost.Request(args: "hello");
        request["instance_data"]![field] = JsonNode.Parse(value);

        foreach (var method in new[] { "start_server", "stop_server", "server_send", "get_output" })
        {
            Assert.Equal(KsmHost.BadArguments, await _host.AskAsync($"/api/instance/{method}/", request));
        }

        Assert.Empty(_host.Grains.Instance(Given.Id).Calls);
    }

    [Fact]
    public async Task Keyword_arguments_are_taken_and_unused()
    {
        var request = KsmHost.Request(args: "hello");
        request["instance_data"]!["kwargs"] = new JsonObject { ["anything"] = Hostile };

        Assert.Contains("\"status\":200,", await _host.AskAsync("/api/instance/server_send/", request), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("password", KsmHost.Forbidden)]
    [InlineData("user_key", KsmHost.Forbidden)]
    [InlineData("instance_id", """{"status":400,"message":"Bad Request!"}""")]
    [InlineData("args", KsmHost.BadArguments)]
    public async Task Text_that_is_no_unicode_is_of_no_use_anywhere(string field, string expected)
    {
        var request = KsmHost.Request(args: "hello");
        var fields = request.ContainsKey(field) ? request : request["instance_data"]!.AsObject();
        fields[field] = field == "args" ? new JsonArray("?") : "?";

        var answer = await _host.Gateway.PostAsync("/api/instance/server_send/", request.ToJsonString().Replace("\"?\"", "\"\\ud800\"", StringComparison.Ordinal));

        Assert.Equal((200, expected), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_no_secret()
    {
        var body = "{\"password\":\"?\",\"user_key\":\"?\"}"u8.ToArray();
        body[Array.IndexOf(body, (byte)'?')] = 0xC3;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/instance/get/") { Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } } };

        Assert.Contains((await _host.Gateway.SendAsync(request)).Body, (string[])[KsmHost.Forbidden, KsmHost.BadArguments]);
    }
}
