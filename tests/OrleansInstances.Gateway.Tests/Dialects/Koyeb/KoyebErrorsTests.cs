using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Tests.Dialects.Koyeb;

/// <summary>The forms of koyeb's errors, and the ways in which its clients send a key.</summary>
public sealed class KoyebErrorsTests : IAsyncLifetime
{
    private const string Path = "/v1/instances/0f8fad5b-d9cb-469f-a165-70867728950e";

    private readonly GatewayHost _host = new() { Settings = { ["OI:MAX_KEY_FAILURES_PER_MINUTE"] = "6" } };

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        await _host.AddAsync(Given.Instance(id: Given.Id));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("Bearer " + GatewayHost.Key, 200)]
    [InlineData("bearer " + GatewayHost.Key, 200)]
    [InlineData(GatewayHost.Key, 200)]
    [InlineData("Bearer wrong", 401)]
    [InlineData("wrong", 401)]
    [InlineData("Basic " + GatewayHost.Key, 401)]
    [InlineData(null, 401)]
    public async Task A_key_is_taken_with_and_without_the_word(string? authorization, int status)
    {
        _host.Http.DefaultRequestHeaders.Clear();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization is null ? [] : [authorization]);

        var answer = await _host.SendAsync(request);

        Assert.Equal(status, answer.Status);
        if (status == 401)
        {
            Assert.Matches("""^\{"status":401,"code":"unauthorized","message":"[^"]+"\}$""", answer.Body);
        }
    }

    [Fact]
    public async Task A_key_without_the_word_opens_no_other_dialect()
    {
        _host.Http.DefaultRequestHeaders.Clear();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/instances");
        request.Headers.TryAddWithoutValidation("Authorization", GatewayHost.Key);

        Assert.Equal(401, (await _host.SendAsync(request)).Status);
    }

    [Fact]
    public async Task A_scope_that_is_missing_is_403()
    {
        await _host.AddKeyAsync("oi_console", scopes: "console");
        _host.Use("oi_console");

        Assert.Equal(
            (403, """{"status":403,"code":"forbidden","message":"This takes a key with the scope view."}"""),
            await _host.GetAsync(Path) is var answer ? (answer.Status, answer.Body) : default);
    }

    [Fact]
    public async Task Too_many_refused_keys_are_429_with_the_time_to_wait()
    {
        _host.Use("wrong");
        Answer answer;
        do
        {
            answer = await _host.GetAsync(Path);
        }
        while (answer.Status == 401);

        Assert.Equal((429, """{"status":429,"code":"rate_limit_exceeded","message":"Rate limit exceeded"}"""), (answer.Status, answer.Body));
        Assert.NotNull(answer.Header("Retry-After"));
    }

    [Fact]
    public async Task A_bug_is_500_with_a_trace_id_and_nothing_of_itself()
    {
        Instance.On["get"] = _ => throw new InvalidOperationException("inner workings");

        var answer = await _host.GetAsync(Path);

        Assert.Matches("""^\{"status":500,"code":"internal_error","message":"[^"]*Trace id: \w+[^"]*"\}$""", answer.Body);
        Assert.Equal(500, answer.Status);
    }

    [Fact]
    public async Task A_database_that_is_away_is_503_with_the_time_to_wait()
    {
        Instance.On["get"] = _ => throw new StorageUnavailableException("gone");

        var answer = await _host.GetAsync(Path);

        Assert.Matches("""^\{"status":503,"code":"unavailable","message":"[^"]+"\}$""", answer.Body);
        Assert.Equal((503, "1"), (answer.Status, answer.Header("Retry-After")));
    }

    [Fact]
    public async Task A_grain_that_does_not_answer_is_503()
    {
        Instance.On["get"] = _ => throw new TimeoutException();

        Assert.Equal((503, "unavailable"), await _host.GetAsync(Path) is var answer ? (answer.Status, answer.Code) : default);
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/apps")]
    [InlineData("/v1/instances/x/y")]
    public async Task A_path_that_is_not_there_is_404(string path) =>
        Assert.Equal(
            (404, """{"status":404,"code":"not_found","message":"There is nothing at this path."}"""),
            await _host.GetAsync(path) is var answer ? (answer.Status, answer.Body) : default);

    [Theory]
    [InlineData("/v1/instances")]
    [InlineData(Path)]
    [InlineData("/v1/instance_events")]
    [InlineData("/v1/streams/instances/exec")]
    public async Task Another_method_is_405_as_a_google_rpc_status(string path)
    {
        var answer = await _host.PostAsync(path, "{}");

        Assert.Equal((405, """{"code":12,"message":"This path does not take this method.","details":[]}"""), (answer.Status, answer.Body));
    }

    private ScriptedInstance Instance => _host.Grains.Instance(Given.Id);
}
