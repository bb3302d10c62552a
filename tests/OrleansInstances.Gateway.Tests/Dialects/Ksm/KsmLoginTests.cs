using System.Text.Json.Nodes;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

public sealed class KsmLoginTests : IAsyncLifetime
{
    private const string Path = "/api/user/authorization";
    private const string NotFound = """{"status":401,"message":"User not found!"}""";
    private const string TooMany = """{"status":429,"message":"Too many attempts!"}""";

    private readonly KsmHost _host = new() { Gateway = { Settings = { ["OI:MAX_KEY_FAILURES_PER_MINUTE"] = "5" } } };

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        await _host.Gateway.AddAsync(Given.Instance(id: Given.Id));
        var users = _host.Gateway.Service<IUserTable>();
        var ann = new StoredUser { Name = "ann", PasswordHash = PasswordHash.Create("correct horse", iterations: 10), CreatedAt = Given.Created };
        await users.SetPermissionsAsync((await users.InsertAsync(ann, default))!.Id, Given.Id, InstancePermissions.View, default);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Path)]
    [InlineData(Path + "/")]
    public async Task The_right_password_gives_a_key_that_has_the_users_permissions(string path)
    {
        var answer = JsonNode.Parse(await _host.AskAsync(path, Request("ann", "correct horse")))!;

        var key = (string)answer["user_data"]!["key"]!;
        Assert.Equal($$$"""{"status":200,"message":"User has been authorized!","user_data":{"key":"{{{Guid.Parse(key)}}}"}}""", answer.ToJsonString());
        Assert.Contains("\"instance_id\":1,", await _host.AskAsync("/api/instance/get_instance/", KsmHost.Request(key)), StringComparison.Ordinal);
        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync("/api/instance/stop_server/", KsmHost.Request(key)));
    }

    [Theory]
    [InlineData("ann", "wrong")]
    [InlineData("ANN", "correct horse")]
    [InlineData("' OR '1'='1", "' OR '1'='1")]
    [InlineData("ann\0", "\"\\")]
    [InlineData("", "")]
    public async Task A_wrong_name_or_password_gives_none(string name, string password) =>
        Assert.Equal(NotFound, await _host.AskAsync(Path, Request(name, password)));

    [Fact]
    public async Task The_engines_password_comes_first()
    {
        var request = Request("ann", "correct horse");
        request["password"] = "wrong";
        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync(Path, request));

        request.Remove("user_data");
        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync(Path, request));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"name":"ann"}""")]
    [InlineData("""{"password":"correct horse"}""")]
    [InlineData("""{"name":1,"password":"correct horse"}""")]
    [InlineData("""{"name":"ann","password":["correct horse"]}""")]
    public async Task Without_name_and_password_it_is_a_bad_request(string data)
    {
        var request = Request("ann", "correct horse");
        request["user_data"] = JsonNode.Parse(data);

        Assert.Equal("""{"status":400,"message":"Bad Request!"}""", await _host.AskAsync(Path, request));
    }

    [Fact]
    public async Task After_too_many_failures_no_password_is_looked_at_until_the_minute_is_over()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(NotFound, await _host.AskAsync(Path, Request("ann", $"wrong{i}")));
        }

        Assert.Equal(TooMany, await _host.AskAsync(Path, Request("ann", "correct horse")));
        Assert.Contains("\"status\":200,", await _host.AskAsync("/api/instance/get_instance/"), StringComparison.Ordinal);

        _host.Gateway.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("\"status\":200,", await _host.AskAsync(Path, Request("ann", "correct horse")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_panel_that_goes_on_with_a_key_that_is_over_keeps_nobody_from_logging_in_again()
    {
        for (var i = 0; i < 10; i++)
        {
            await _host.AskAsync("/api/instance/get_output/", KsmHost.Request(key: "00000000-0000-4000-8000-000000000000"));
        }

        Assert.Contains("\"status\":200,", await _host.AskAsync(Path, Request("ann", "correct horse")), StringComparison.Ordinal);
    }

    private static JsonObject Request(string name, string password) => new()
    {
        ["password"] = KsmHost.Password,
        ["user_data"] = new JsonObject { ["name"] = name, ["password"] = password },
    };
}
