using System.Net.Sockets;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

/// <summary>Paths, HTTP methods and bodies that are no request of this dialect.</summary>
public sealed class KsmRoutesTests : IAsyncLifetime
{
    private KsmHost _host = null!;

    public async Task InitializeAsync() => _host = await KsmHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("start_server", "start")]
    [InlineData("stop_server", "stop")]
    [InlineData("call/server_start", "start")]
    [InlineData("call/server_stop", "stop")]
    public async Task Every_lifecycle_path_works_with_and_without_its_last_slash(string path, string verb)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance(verb == "start" ? InstanceStatus.Stopped : InstanceStatus.Running));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Running });
        var message = $$"""{"status":200,"message":"Server has been successfully {{(verb == "start" ? "started" : "stopped")}}."}""";

        Assert.Equal(message, await _host.AskAsync($"/api/instance/{path}"));
        Assert.Equal(message, await _host.AskAsync($"/api/instance/{path}/"));
        Assert.Equal([verb, verb], instance.Calls);
    }

    [Theory]
    [InlineData("/api/instance/server_send", """{"status":200,"message":"Message has been sent."}""")]
    [InlineData("/api/instance/call/server_send", """{"status":200,"message":"Message has been sent."}""")]
    [InlineData("/api/instance/get_output", """{"status":200,"message":"Output has been received.","outputs":[],"instance":{"output":[]}}""")]
    [InlineData("/api/instance/call/get_output", """{"status":200,"message":"Output has been received.","outputs":[],"instance":{"output":[]}}""")]
    [InlineData("/api/instance/get", """{"status":200,"instances":[{"instance_name":"inst_0TMXp8QPR6yGvKuV2GZQ10","instance_id":1,"instance_state":2}]}""")]
    [InlineData("/api/instance/get_instance", """{"status":200,"instance_data":{"instance_name":"inst_0TMXp8QPR6yGvKuV2GZQ10","instance_id":1,"instance_state":2}}""")]
    [InlineData("/api/pong", """{"status":200,"message":"Pong!"}""")]
    public async Task Every_other_path_too(string path, string body)
    {
        await _host.Gateway.AddAsync(Given.Instance(id: Given.Id));
        var request = KsmHost.Request(args: "hello");

        Assert.Equal(body, await _host.AskAsync(path, request));
        Assert.Equal(body, await _host.AskAsync(path + "/", request));
    }

    [Theory]
    [InlineData("/api/instance")]
    [InlineData("/api/instance/")]
    [InlineData("/api/instance/nothing")]
    [InlineData("/api/instance/start_server/more")]
    [InlineData("/api/instance//start_server/")]
    [InlineData("/api/instance/call")]
    [InlineData("/api/instance/call/server_start/more")]
    [InlineData("/api/user")]
    [InlineData("/api/user/nothing/")]
    public async Task An_unknown_path_is_404_for_http_too(string path)
    {
        foreach (var answer in new[] { await _host.PostAsync(path), await _host.Gateway.GetAsync(path) })
        {
            Assert.Equal((404, """{"status":404,"message":"Not found!"}"""), (answer.Status, answer.Body));
        }
    }

    [Theory]
    [InlineData("/api/instances")]
    [InlineData("/api/users")]
    [InlineData("/api/instance1")]
    public async Task Paths_that_only_begin_alike_are_not_this_dialects(string path) =>
        Assert.Equal((401, "missing_key"), (await _host.PostAsync(path)) is var answer ? (answer.Status, answer.Code) : default);

    [Theory]
    [InlineData("GET", "/api/instance/start_server/")]
    [InlineData("PUT", "/api/instance/get_output")]
    [InlineData("DELETE", "/api/instance/call/server_send/")]
    [InlineData("OPTIONS", "/api/instance/get/")]
    [InlineData("PATCH", "/api/instance/get_instance/")]
    [InlineData("GET", "/api/instance/call/nothing/")]
    [InlineData("GET", "/api/pong/")]
    public async Task Any_method_but_post_is_405(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _host.Gateway.Http.SendAsync(request);

        Assert.Equal((405, """{"status":405,"message":"Method not allowed!"}"""), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"{}\"")]
    [InlineData("password=x")]
    [InlineData("{'password':1}")]
    [InlineData("{\"password\":\"x\"} more")]
    public async Task A_body_that_is_no_json_object_is_400_for_http_too(string body)
    {
        var answer = await _host.Gateway.PostAsync("/api/instance/start_server/", body);

        Assert.Equal((400, KsmHost.BadArguments), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Json_that_is_nested_too_deeply_is_400()
    {
        var answer = await _host.Gateway.PostAsync("/api/instance/get/", $"{{\"password\":{new string('[', 100_000)}{new string(']', 100_000)}}}");

        Assert.Equal((400, KsmHost.BadArguments), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Another_content_type_is_400_for_http_too(string contentType)
    {
        var answer = await _host.Gateway.SendAsync(HttpMethod.Post, "/api/instance/start_server/", "{}", contentType);

        Assert.Equal((400, """{"status":400,"message":"Bad request!"}"""), (answer.Status, answer.Body));
        Assert.Equal(400, (await _host.Gateway.PostAsync("/api/instance/start_server/")).Status);
    }

    [Fact]
    public async Task A_body_over_its_bound_is_told_in_the_envelope()
    {
        // By hand, as a client would send the body after an answer of 200 and meet a connection that is closed.
        var address = _host.Gateway.Http.BaseAddress!;
        using var socket = new TcpClient(address.Host, address.Port);
        await socket.GetStream().WriteAsync("POST /api/instance/server_send/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1048577\r\n\r\n"u8.ToArray());
        var reply = await new StreamReader(socket.GetStream()).ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200 ", reply, StringComparison.Ordinal);
        Assert.Contains("""{"status":413,"message":"The request body is too large."}""", reply, StringComparison.Ordinal);
    }
}
