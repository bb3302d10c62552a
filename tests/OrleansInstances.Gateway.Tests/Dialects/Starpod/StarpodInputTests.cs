using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests.Dialects.Starpod;

public sealed class StarpodInputTests : IAsyncLifetime
{
    private static readonly string Path = $"/api/instances/{Given.Id}/input";

    private readonly List<(RunKey Run, byte[] Data, bool Close)> _written = [];
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartNewAsync();
        _host.Grains.Node("n1").OnInput = (run, data, close) =>
        {
            _written.Add((run, data, close));
            return new InputReply(data.Length, null);
        };
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(InstanceStatus.Running)]
    [InlineData(InstanceStatus.Paused)]
    [InlineData(InstanceStatus.Pausing)]
    [InlineData(InstanceStatus.Stopping)]
    public async Task Raw_bytes_of_any_kind_reach_the_run(InstanceStatus status)
    {
        await _host.AddAsync(Given.Instance(status, Given.Id) with { Epoch = 3 });
        var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();

        var answer = await SendAsync(bytes);

        Assert.Equal((200, """{"taken":256}"""), (answer.Status, answer.Body));
        var (run, data, close) = Assert.Single(_written);
        Assert.Equal((new RunKey(Given.Id, 3), false), (run, close));
        Assert.Equal(bytes, data);
    }

    [Fact]
    public async Task Close_goes_along_also_without_bytes()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        Assert.Equal("""{"taken":2}""", (await SendAsync("hi"u8.ToArray(), "?close=true")).Body);
        Assert.Equal("""{"taken":0}""", (await SendAsync([], "?close=true")).Body);

        Assert.Equal([(2, true), (0, true)], _written.Select(write => (write.Data.Length, write.Close)));
    }

    [Fact]
    public async Task A_wrong_close_is_refused_before_anything_is_written()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        Assert.Equal(422, (await SendAsync("hi"u8.ToArray(), "?close=maybe")).Status);
        Assert.Empty(_written);
    }

    [Theory]
    [InlineData("input_full", RefusalKind.Unavailable, 429, "1")]
    [InlineData("node_starting", RefusalKind.Unavailable, 503, "1")]
    [InlineData("input_closed", RefusalKind.Conflict, 409, null)]
    public async Task What_was_taken_is_told_with_every_refusal(string code, RefusalKind kind, int status, string? retryAfter)
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        _host.Grains.Node("n1").OnInput = (_, _, _) => new InputReply(3, new Refusal(kind, code, "Not all."));

        var answer = await SendAsync("hello"u8.ToArray());

        Assert.Equal((status, $$"""{"taken":3,"error":"Not all.","code":"{{code}}"}"""), (answer.Status, answer.Body));
        Assert.Equal(retryAfter, answer.Header("Retry-After"));
    }

    [Theory]
    [InlineData(InstanceStatus.Stopped)]
    [InlineData(InstanceStatus.Starting)]
    [InlineData(InstanceStatus.Failed)]
    public async Task What_does_not_run_takes_nothing(InstanceStatus status)
    {
        await _host.AddAsync(Given.Instance(status, Given.Id));

        var answer = await SendAsync("hello"u8.ToArray());

        Assert.Equal((409, "not_running"), (answer.Status, answer.Code));
        Assert.Empty(_written);
    }

    [Fact]
    public async Task Its_bound_is_its_own_and_a_byte_more_is_413_with_nothing_written()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        Assert.Equal("""{"taken":8388608}""", (await SendAsync(new byte[8 * 1024 * 1024])).Body);
        _written.Clear();
        Assert.Equal((413, "body_too_large"), (await SendAsync(new byte[(8 * 1024 * 1024) + 1])) is var answer ? (answer.Status, answer.Code) : default);
        Assert.Empty(_written);
    }

    private async Task<Answer> SendAsync(byte[] body, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path + query) { Content = new ByteArrayContent(body) };

        // A body that is refused is not sent: without this the refusal can meet a connection that is being written to.
        request.Headers.ExpectContinue = true;
        return await _host.SendAsync(request);
    }
}
