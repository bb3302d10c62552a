using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests.Errors;

/// <summary>A grain's silo dies, stops, or can't be reached: nothing is done twice, and nothing that may be done is called undone.</summary>
public sealed class LostSiloTests : IAsyncLifetime
{
    private static readonly string Path = $"/api/instances/{Given.Id}";

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_change_that_nobody_took_goes_to_where_the_grain_is_now()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["stop"] = Failing(1, LostSilo.NotTaken);

        Assert.Equal(200, (await _host.PostAsync(Path + "/stop")).Status);
        Assert.Equal(["stop", "stop"], instance.Calls);
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("signal")]
    public async Task A_change_that_nobody_takes_is_503_and_not_done(string verb)
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["stop"] = instance.On["signal SIGHUP"] = _ => throw LostSilo.NotTaken;

        var answer = await _host.PostAsync($"{Path}/{verb}", """{"signal":"SIGHUP"}""");

        Assert.Equal((503, "silo_unavailable", "1"), (answer.Status, answer.Code, answer.Header("Retry-After")));
        Assert.Contains("Nothing was done", answer.Error, StringComparison.Ordinal);
        Assert.Equal(2, instance.Calls.Count);
    }

    [Theory]
    [InlineData("stop", nameof(LostSilo.InFlight))]
    [InlineData("stop", nameof(LostSilo.DirectoryMoving))]
    [InlineData("signal", nameof(LostSilo.InFlight))]
    public async Task A_change_that_may_be_done_is_not_done_again(string verb, string fault)
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["stop"] = instance.On["signal SIGHUP"] = _ => throw LostSilo.Of(fault);

        var answer = await _host.PostAsync($"{Path}/{verb}", """{"signal":"SIGHUP"}""");

        Assert.Equal((504, "outcome_unknown"), (answer.Status, answer.Code));
        Assert.Single(instance.Calls);
    }

    [Theory]
    [InlineData(nameof(LostSilo.NotTaken))]
    [InlineData(nameof(LostSilo.InFlight))]
    [InlineData(nameof(LostSilo.DirectoryMoving))]
    public async Task A_read_is_tried_once_more(string fault)
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["get"] = Failing(1, LostSilo.Of(fault));

        Assert.Equal(200, (await _host.GetAsync(Path)).Status);

        instance.On["get"] = Failing(2, LostSilo.Of(fault));
        var answer = await _host.GetAsync(Path);

        Assert.Equal((503, "silo_unavailable", "1"), (answer.Status, answer.Code, answer.Header("Retry-After")));
    }

    [Fact]
    public async Task Output_is_asked_for_once_more()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        var asked = 0;
        _host.Grains.Node("n1").OnOutput = _ => ++asked == 1 ? throw LostSilo.InFlight : new OutputSlice(0, "hello\n"u8.ToArray(), 6, []);

        Assert.Equal("hello\n", (await _host.GetAsync(Path + "/logs?from=0&format=raw")).Body);
    }

    [Theory]
    [InlineData(nameof(LostSilo.InFlight))]
    [InlineData(nameof(LostSilo.NotTaken))]
    [InlineData(nameof(LostSilo.DirectoryMoving))]
    public async Task A_silo_that_dies_after_a_command_was_taken_does_not_end_the_wait(string fault)
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Starting, Busy = true });
        var waits = 0;
        instance.BeforeWait = () =>
        {
            if (++waits < 3)
            {
                throw LostSilo.Of(fault);
            }

            instance.Snapshot = instance.Snapshot! with { Status = InstanceStatus.Running, Busy = false, Version = 9 };
        };

        var pending = _host.PostAsync(Path + "/start");
        await _host.PassTimeUntilAsync("the answer", () => pending.IsCompleted);

        Assert.Equal((200, "running"), ((await pending).Status, (string?)(await pending).Json["state"]));
        Assert.Single(instance.Calls, call => call == "start");
    }

    [Theory]
    [InlineData(nameof(LostSilo.NotTaken))]
    [InlineData(nameof(LostSilo.InFlight))]
    public async Task A_create_is_sent_again_for_the_same_instance(string fault)
    {
        var tries = 0;
        _host.Grains.OnCreate = created => ++tries == 1 ? throw LostSilo.Of(fault) : created;

        Assert.Equal(201, (await _host.PostAsync("/api/instances", "{}")).Status);
        Assert.Equal(["create", "create"], Assert.Single(_host.Grains.Instances).Calls);
    }

    [Theory]
    [InlineData(nameof(LostSilo.NotTaken), nameof(LostSilo.NotTaken), 503)]
    [InlineData(nameof(LostSilo.NotTaken), nameof(LostSilo.InFlight), 504)]
    [InlineData(nameof(LostSilo.InFlight), nameof(LostSilo.NotTaken), 504)]
    [InlineData(nameof(LostSilo.InFlight), nameof(LostSilo.InFlight), 504)]
    public async Task A_create_that_may_be_done_is_never_called_undone(string first, string second, int status)
    {
        var tries = 0;
        _host.Grains.OnCreate = _ => throw LostSilo.Of(++tries == 1 ? first : second);

        var answer = await _host.PostAsync("/api/instances", "{}");

        Assert.Equal((status, 2), (answer.Status, tries));
        Assert.Equal(status == 504, answer.Error!.Contains($"{Assert.Single(_host.Grains.Instances).Id}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_asks_a_node_that_has_no_silo_is_503()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        _host.Grains.Node("n1").OnOutput = _ => throw LostSilo.NodeAway;
        instance.On["signal SIGHUP"] = _ => throw LostSilo.NodeAway;

        var logs = await _host.GetAsync(Path + "/logs");
        var signal = await _host.PostAsync(Path + "/signal", """{"signal":"SIGHUP"}""");

        Assert.Equal((503, "node_unreachable", "1"), (logs.Status, logs.Code, logs.Header("Retry-After")));
        Assert.Equal((503, "node_unreachable", "Node n1 can't be reached. Nothing was done."), (signal.Status, signal.Code, signal.Error));
        Assert.Single(instance.Calls);
    }

    [Theory]
    [InlineData(nameof(LostSilo.NotTaken))]
    [InlineData(nameof(LostSilo.NodeAway))]
    public async Task Input_that_the_node_did_not_get_is_told_apart_from_what_it_took(string fault)
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        _host.Grains.Node("n1").OnInput = (_, data, _) => data.Length == 64 * 1024 ? new InputReply(data.Length, null) : throw LostSilo.Of(fault);

        var answer = await InputAsync((64 * 1024) + 3);

        Assert.Equal((503, "node_unreachable", "1"), (answer.Status, answer.Code, answer.Header("Retry-After")));
        Assert.Equal(64 * 1024, (int?)answer.Json["taken"]);
    }

    [Fact]
    public async Task Input_that_may_have_been_taken_is_not_sent_again()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        var offers = 0;
        _host.Grains.Node("n1").OnInput = (_, _, _) => ++offers > 0 ? throw LostSilo.InFlight : null!;

        var answer = await InputAsync(3);

        Assert.Equal((504, "outcome_unknown", 1), (answer.Status, answer.Code, offers));
    }

    private static Func<InstanceSnapshot, Task<InstanceReply>> Failing(int times, Exception fault)
    {
        var calls = 0;
        return instance => ++calls <= times ? throw fault : Task.FromResult<InstanceReply>(instance);
    }

    private async Task<Answer> InputAsync(int bytes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path + "/input") { Content = new ByteArrayContent(new byte[bytes]) };
        return await _host.SendAsync(request);
    }
}
