using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Tests.Errors;

/// <summary>Every way in which a request can go wrong, and the one form in which it is told.</summary>
public sealed class ErrorTests : IAsyncLifetime
{
    private static readonly string Path = $"/api/instances/{Given.Id}";

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{]")]
    [InlineData("{'name':1}")]
    [InlineData("{\"name\":\"x\"} trailing")]
    [InlineData("{\"name\":\"x\",}")]
    [InlineData("name=x")]
    public async Task A_body_that_is_no_json_is_400(string body)
    {
        var answer = await _host.PostAsync("/api/instances", body);

        Assert.Equal((400, "malformed_json", "application/json"), (answer.Status, answer.Code, answer.ContentType));
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_400()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/instances")
        {
            Content = new ByteArrayContent([.. "{\"name\":\""u8, 0xC3, 0x28, .. "\"}"u8]) { Headers = { ContentType = new("application/json") } },
        };

        Assert.InRange((await _host.SendAsync(request)).Status, 400, 422);
    }

    [Fact]
    public async Task Json_that_is_nested_too_deeply_is_400()
    {
        var deep = $"{{\"x\":{new string('[', 100_000)}{new string(']', 100_000)}}}";

        Assert.Equal((400, "malformed_json"), (await _host.PostAsync("/api/instances", deep)) is var answer ? (answer.Status, answer.Code) : default);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("1")]
    public async Task Json_that_is_no_object_is_422(string body) =>
        Assert.Equal((422, "wrong_type"), (await _host.PostAsync("/api/instances", body)) is var answer ? (answer.Status, answer.Code) : default);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    public async Task Another_content_type_is_415(string contentType)
    {
        var answer = await _host.SendAsync(HttpMethod.Post, "/api/instances", "{}", contentType);

        Assert.Equal((415, "unsupported_media_type"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task No_content_type_is_415() =>
        Assert.Equal((415, "unsupported_media_type"), (await _host.PostAsync("/api/instances")) is var answer ? (answer.Status, answer.Code) : default);

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/merge-patch+json")]
    public async Task Content_types_of_json_are_taken(string contentType) =>
        Assert.Equal(201, (await _host.SendAsync(HttpMethod.Post, "/api/instances", "{}", contentType)).Status);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_its_bound_is_413(bool lengthIsKnown)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/instances")
        {
            Content = new StringContent($"{{\"name\":\"{new string('x', 1024 * 1024)}\"}}", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = !lengthIsKnown;

        // A body that is refused is not sent: without this the refusal can meet a connection that is being written to.
        request.Headers.ExpectContinue = true;

        var answer = await _host.SendAsync(request);

        Assert.Equal((413, "body_too_large"), (answer.Status, answer.Code));
        Assert.Empty(_host.Grains.Instances);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api")]
    [InlineData("/api/nothing")]
    [InlineData("/api/instances/1/nothing")]
    [InlineData("/API/nodes/x")]
    [InlineData("/health")]
    [InlineData("/health/nothing")]
    public async Task An_unknown_route_is_404(string path) =>
        Assert.Equal((404, "not_found"), (await _host.GetAsync(path)) is var answer ? (answer.Status, answer.Code) : default);

    [Theory]
    [InlineData("PUT", "/api/instances")]
    [InlineData("DELETE", "/api/instances")]
    [InlineData("GET", "/api/instances/1/start")]
    [InlineData("POST", "/api/instances/1/logs")]
    [InlineData("POST", "/api/cluster")]
    [InlineData("POST", "/health/live")]
    public async Task A_wrong_method_is_405_and_says_which_are_right(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _host.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.NotEmpty(response.Content.Headers.Allow);
        Assert.Contains("\"code\":\"method_not_allowed\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bug_is_500_with_a_trace_id_and_nothing_of_its_inside()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["get"] = _ => throw new InvalidOperationException("secret inside");

        var answer = await _host.GetAsync(Path);

        Assert.Equal((500, "internal_error"), (answer.Status, answer.Code));
        Assert.DoesNotContain("secret", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperation", answer.Body, StringComparison.Ordinal);
        var trace = answer.Error!.Split(' ')[^1];
        Assert.Contains(trace, _host.Log.Text, StringComparison.Ordinal);
        Assert.Contains("secret inside", _host.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grain_that_does_not_answer_a_change_leaves_its_outcome_unknown()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["stop"] = _ => throw new TimeoutException("Response did not arrive on time.");

        Assert.Equal((504, "outcome_unknown"), (await _host.PostAsync(Path + "/stop")) is var answer ? (answer.Status, answer.Code) : default);
    }

    [Fact]
    public async Task A_grain_that_does_not_answer_a_read_is_a_timeout()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["get"] = _ => throw new TimeoutException("Response did not arrive on time.");

        Assert.Equal((504, "timeout"), (await _host.GetAsync(Path)) is var answer ? (answer.Status, answer.Code) : default);
    }

    [Fact]
    public async Task A_create_without_an_answer_names_the_instance_to_look_for()
    {
        _host.Grains.OnCreate = _ => throw new TimeoutException("Response did not arrive on time.");

        var answer = await _host.PostAsync("/api/instances", "{}");

        Assert.Equal((504, "outcome_unknown"), (answer.Status, answer.Code));
        Assert.Contains($"GET /api/instances/{Assert.Single(_host.Grains.Instances).Id}", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_overloaded_database_is_503_with_a_time_to_come_back()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["stop"] = _ => throw new StorageOverloadedException("8192 writes wait.");

        var answer = await _host.PostAsync(Path + "/stop");

        Assert.Equal((503, "overloaded", "1"), (answer.Status, answer.Code, answer.Header("Retry-After")));
    }

    [Fact]
    public async Task A_database_that_is_away_is_503_without_its_path()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["stop"] = _ => throw new StorageUnavailableException("/some/path/state.db is gone.");

        var answer = await _host.PostAsync(Path + "/stop");

        Assert.Equal((503, "storage_unavailable"), (answer.Status, answer.Code));
        Assert.DoesNotContain("/some/path", answer.Body, StringComparison.Ordinal);
        Assert.Contains("/some/path/state.db is gone.", _host.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_instead_of_http_does_not_harm()
    {
        using var socket = new TcpClient(_host.Http.BaseAddress!.Host, _host.Http.BaseAddress.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync("\0\x01\x02 nonsense\r\n\r\n"u8.ToArray());
        var reply = await new StreamReader(stream).ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", reply, StringComparison.Ordinal);
        Assert.Equal(200, (await _host.GetAsync("/api/instances")).Status);
    }
}
