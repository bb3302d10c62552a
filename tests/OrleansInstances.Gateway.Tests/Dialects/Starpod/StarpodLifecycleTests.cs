using OrleansInstances.Instances;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Tests.Dialects.Starpod;

public sealed class StarpodLifecycleTests : IAsyncLifetime
{
    private static readonly string Path = $"/api/instances/{Given.Id}";

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("start", InstanceStatus.Stopped, InstanceStatus.Starting, InstanceStatus.Running, "running")]
    [InlineData("stop", InstanceStatus.Running, InstanceStatus.Stopping, InstanceStatus.Stopped, "stopped")]
    [InlineData("kill", InstanceStatus.Running, InstanceStatus.Stopping, InstanceStatus.Stopped, "stopped")]
    [InlineData("resume", InstanceStatus.Paused, InstanceStatus.Paused, InstanceStatus.Running, "running")]
    public async Task A_request_answers_the_instance_when_it_is_done(string verb, InstanceStatus before, InstanceStatus meanwhile, InstanceStatus after, string status)
    {
        var instance = await _host.AddAsync(Given.Instance(before, Given.Id));
        instance.Change(verb, seen => seen with { Status = meanwhile, Busy = true });

        var pending = _host.PostAsync($"{Path}/{verb}");
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait"));
        instance.Snapshot = instance.Snapshot! with { Version = 7, Message = "still at it" };
        await Eventually.Holds("the second wait", () => instance.Calls.Count(call => call == "wait") == 2);
        Assert.False(pending.IsCompleted);
        instance.Snapshot = instance.Snapshot! with { Version = 8, Status = after, Busy = false };

        var answer = await pending;
        Assert.Equal((200, status), (answer.Status, (string?)answer.Json["status"]));
        Assert.Equal([verb, "wait", "wait"], instance.Calls);
    }

    [Fact]
    public async Task Pause_answers_starpods_fixed_body()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.Change("pause", seen => seen with { Status = InstanceStatus.Paused });

        var answer = await _host.PostAsync(Path + "/pause");

        Assert.Equal((200, """{"status":"paused"}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Pause_of_a_paused_one_is_fine()
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Paused, Given.Id));

        Assert.Equal("""{"status":"paused"}""", (await _host.PostAsync(Path + "/pause")).Body);
    }

    [Fact]
    public async Task Pause_that_did_not_come_about_is_not_called_paused()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.Change("pause", seen => seen with { Message = "The node said no." });

        var answer = await _host.PostAsync(Path + "/pause");

        Assert.Equal((409, "not_paused", "The instance is running. The node said no."), (answer.Status, answer.Code, answer.Error));
    }

    [Fact]
    public async Task Restart_answers_starpods_fixed_body()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.Change("restart", seen => seen with { Epoch = 2 });

        var answer = await _host.PostAsync(Path + "/restart");

        Assert.Equal((200, """{"status":"restarted"}"""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("start")]
    [InlineData("restart")]
    public async Task A_start_whose_program_fails_was_carried_out_and_the_instance_tells(string verb)
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change(verb, seen => seen with { Status = InstanceStatus.Failed, Message = "/bin/nope: no such file" });

        var answer = await _host.PostAsync($"{Path}/{verb}");

        Assert.Equal((200, "error", "failed", "/bin/nope: no such file"),
            (answer.Status, (string?)answer.Json["status"], (string?)answer.Json["state"], (string?)answer.Json["message"]));
    }

    [Fact]
    public async Task After_25_seconds_the_outcome_is_unknown_and_the_answer_says_where_to_look()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Starting, Busy = true });

        var pending = _host.PostAsync(Path + "/start");
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait"));
        var passed = await _host.PassTimeUntilAsync("the answer", () => pending.IsCompleted);

        var answer = await pending;
        Assert.True(passed >= TimeSpan.FromSeconds(25), $"answered after {passed}");
        Assert.Equal((504, "outcome_unknown"), (answer.Status, answer.Code));
        Assert.Contains("unknown", answer.Error, StringComparison.Ordinal);
        Assert.Contains("GET", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_goes_away_after_a_command_was_taken_does_not_make_it_look_as_if_nothing_was_done()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Starting, Busy = true });
        var faults = 0;
        instance.BeforeWait = () =>
        {
            if (++faults < 3)
            {
                throw new StorageUnavailableException("away");
            }

            instance.Snapshot = instance.Snapshot! with { Status = InstanceStatus.Running, Busy = false, Version = 9 };
        };

        var pending = _host.PostAsync(Path + "/start");
        await _host.PassTimeUntilAsync("the answer", () => pending.IsCompleted);

        Assert.Equal((200, "running"), ((await pending).Status, (string?)(await pending).Json["state"]));
        Assert.Single(instance.Calls, call => call == "start");
    }

    [Fact]
    public async Task A_database_that_stays_away_makes_the_outcome_unknown()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Starting, Busy = true });
        instance.BeforeWait = () => throw new StorageUnavailableException("away");

        var pending = _host.PostAsync(Path + "/start");
        await _host.PassTimeUntilAsync("the answer", () => pending.IsCompleted);

        Assert.Equal((504, "outcome_unknown"), ((await pending).Status, (await pending).Code));
    }

    [Fact]
    public async Task A_wait_ends_when_the_client_goes_away()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Starting, Busy = true });
        using var leave = new CancellationTokenSource();

        var pending = _host.Http.PostAsync(Path + "/start", content: null, leave.Token);
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait"));
        await leave.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
        await Eventually.Holds("the gateway to notice", () => _host.Log.Text.Contains("the client left", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("start", RefusalKind.Conflict, 409)]
    [InlineData("stop", RefusalKind.Conflict, 409)]
    [InlineData("kill", RefusalKind.Conflict, 409)]
    [InlineData("pause", RefusalKind.Conflict, 409)]
    [InlineData("resume", RefusalKind.Conflict, 409)]
    [InlineData("restart", RefusalKind.Conflict, 409)]
    [InlineData("delete", RefusalKind.Conflict, 409)]
    [InlineData("update", RefusalKind.Invalid, 422)]
    [InlineData("start", RefusalKind.NotFound, 404)]
    [InlineData("restart", RefusalKind.Unavailable, 503)]
    public async Task A_refusal_keeps_its_word_and_its_text(string verb, RefusalKind kind, int status)
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.Refuse(verb, kind, "some_word", "Some text.");

        var answer = verb switch
        {
            "delete" => await _host.SendAsync(HttpMethod.Delete, Path),
            "update" => await _host.SendAsync(HttpMethod.Patch, Path, "{}"),
            _ => await _host.PostAsync($"{Path}/{verb}"),
        };

        Assert.Equal((status, """{"error":"Some text.","code":"some_word"}"""), (answer.Status, answer.Body));
        Assert.Equal(kind == RefusalKind.Unavailable ? "1" : null, answer.Header("Retry-After"));
    }

    [Fact]
    public async Task A_signal_goes_to_the_program_and_answers_the_instance()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));

        var answer = await _host.PostAsync(Path + "/signal", """{"signal":"SIGHUP"}""");

        Assert.Equal((200, "running"), (answer.Status, (string?)answer.Json["state"]));
        Assert.Equal(["signal SIGHUP"], instance.Calls);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"signal":null}""")]
    [InlineData("""{"signal":""}""")]
    [InlineData("""{"signal":1}""")]
    [InlineData("[]")]
    public async Task A_signal_needs_a_name(string body)
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));

        Assert.Equal(422, (await _host.PostAsync(Path + "/signal", body)).Status);
        Assert.Empty(instance.Calls);
    }
}
