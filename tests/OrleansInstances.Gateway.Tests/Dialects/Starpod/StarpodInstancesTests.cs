using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Dialects.Starpod;

/// <summary>Create, get, list, change, delete, as the bytes that a client gets.</summary>
public sealed class StarpodInstancesTests : IAsyncLifetime
{
    private const string Path = "/api/instances/0f8fad5b-d9cb-469f-a165-70867728950e";

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_running_instance_has_every_field_in_starpods_form_and_ours_behind()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id, spec: new InstanceSpec
        {
            Name = "my-bot",
            Region = "us-east-1",
            Labels = ImmutableDictionary<string, string>.Empty.Add("team", "blüe <&>"),
        }));
        _host.Grains.Node("n1").Usages[Given.Id] = Given.Usage(Given.Id);

        var answer = await _host.GetAsync(Path);

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.Equal(
            """
            {"id":"inst_0TPjMyT2OK7X2tLICeNOQw","name":"my-bot","status":"running","region":"us-east-1","created_at":1710410400,"updated_at":1710410700,"health":{"cpu_percent":12.5,"memory_mb":256,"disk_mb":1024,"last_heartbeat":1710410700,"uptime_secs":3600},"uuid":"0f8fad5b-d9cb-469f-a165-70867728950e","number":1,"driver":"process","node":"n1","epoch":1,"state":"running","exit_code":null,"signal":null,"message":null,"owner":"admin","labels":{"team":"blüe <&>"},"healthy":null,"limits":null}
            """.Replace("inst_0TPjMyT2OK7X2tLICeNOQw", InstanceName.Format(Given.Id), StringComparison.Ordinal),
            answer.Body);
    }

    [Fact]
    public async Task What_is_unknown_is_null_and_never_left_out()
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id) with { Node = null, Epoch = 0 });

        Assert.Equal(
            $$$"""{"id":"{{{InstanceName.Format(Given.Id)}}}","name":null,"status":"stopped","region":null,"created_at":1710410400,"updated_at":1710410700,"health":null,"uuid":"{{{Given.Id}}}","number":1,"driver":"process","node":null,"epoch":0,"state":"stopped","exit_code":null,"signal":null,"message":null,"owner":"admin","labels":{},"healthy":null,"limits":null}""",
            (await _host.GetAsync(Path)).Body);
    }

    [Fact]
    public async Task An_ended_instance_tells_how()
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Failed, Given.Id) with { ExitCode = 137, Signal = "SIGKILL", Message = "Ended by SIGKILL." });

        var json = (await _host.GetAsync(Path)).Json;

        Assert.Equal(("error", "failed", 137, "SIGKILL", "Ended by SIGKILL."),
            ((string?)json["status"], (string?)json["state"], (int?)json["exit_code"], (string?)json["signal"], (string?)json["message"]));
    }

    [Theory]
    [InlineData(InstanceStatus.Pending, "creating", "pending")]
    [InlineData(InstanceStatus.Starting, "creating", "starting")]
    [InlineData(InstanceStatus.Running, "running", "running")]
    [InlineData(InstanceStatus.Pausing, "paused", "pausing")]
    [InlineData(InstanceStatus.Paused, "paused", "paused")]
    [InlineData(InstanceStatus.Stopping, "running", "stopping")]
    [InlineData(InstanceStatus.Backoff, "error", "backoff")]
    [InlineData(InstanceStatus.Stopped, "stopped", "stopped")]
    [InlineData(InstanceStatus.Failed, "error", "failed")]
    [InlineData(InstanceStatus.Lost, "error", "lost")]
    public async Task Each_status_has_starpods_word_and_our_own(InstanceStatus status, string word, string state)
    {
        await _host.AddAsync(Given.Instance(status, Given.Id));

        var json = (await _host.GetAsync(Path)).Json;

        Assert.Equal((word, state), ((string?)json["status"], (string?)json["state"]));
    }

    [Fact]
    public async Task Every_name_leads_to_the_instance()
    {
        var instance = await _host.AddAsync(Given.Instance());
        var snapshot = instance.Snapshot!;

        foreach (var name in new[] { $"{snapshot.Id}", $"{snapshot.Id}".ToUpperInvariant(), InstanceName.Format(snapshot.Id), $"{snapshot.Number}" })
        {
            Assert.Equal((name, 200), (name, (await _host.GetAsync($"/api/instances/{name}")).Status));
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("2")]
    [InlineData("99999999999999999999")]
    [InlineData("inst_abc123")]
    [InlineData("inst_zzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("{0f8fad5b-d9cb-469f-a165-70867728950e}")]
    [InlineData("0f8fad5bd9cb469fa16570867728950f")]
    [InlineData("11111111-2222-3333-4444-555555555555")]
    [InlineData("..%2f..")]
    public async Task What_names_no_instance_is_404_on_every_route(string name)
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        (HttpMethod Method, string Tail, string? Body)[] routes =
        [
            (HttpMethod.Get, "", null), (HttpMethod.Patch, "", "{}"), (HttpMethod.Delete, "", null),
            (HttpMethod.Get, "/health", null), (HttpMethod.Get, "/events", null), (HttpMethod.Get, "/logs", null),
            (HttpMethod.Post, "/start", null), (HttpMethod.Post, "/stop", null), (HttpMethod.Post, "/kill", null),
            (HttpMethod.Post, "/pause", null), (HttpMethod.Post, "/resume", null), (HttpMethod.Post, "/restart", null),
            (HttpMethod.Post, "/signal", """{"signal":"SIGHUP"}"""), (HttpMethod.Post, "/input", "x"),
        ];

        foreach (var (method, tail, body) in routes)
        {
            var answer = await _host.SendAsync(method, $"/api/instances/{name}{tail}", body);
            Assert.Equal((tail, 404, "not_found"), (tail, answer.Status, answer.Code));
        }
    }

    [Fact]
    public async Task Create_answers_at_once_with_what_there_is()
    {
        var answer = await _host.PostAsync("/api/instances", """{"name":"my-bot","region":"us-east-1"}""");

        var created = Assert.Single(_host.Grains.Instances);
        Assert.Equal(201, answer.Status);
        Assert.Equal(
            $$$"""{"id":"{{{InstanceName.Format(created.Snapshot!.Id)}}}","name":"my-bot","status":"creating","region":"us-east-1","created_at":1710410400,"updated_at":1710410400,"health":null,"uuid":"{{{created.Snapshot.Id}}}","number":7,"driver":"process","node":"n1","epoch":1,"state":"starting","exit_code":null,"signal":null,"message":null,"owner":"admin","labels":{},"healthy":null,"limits":null}""",
            answer.Body);
        Assert.Equal(["create"], created.Calls);
        Assert.Null(answer.Header("Location"));
    }

    [Fact]
    public async Task Without_a_command_the_default_runs()
    {
        Assert.Equal(201, (await _host.PostAsync("/api/instances", "{}")).Status);

        var spec = Assert.Single(_host.Grains.Instances).Snapshot!.Spec;
        Assert.Equal("/bin/sh", Assert.Single(spec.Command));
        Assert.Equal((null, null, "process"), (spec.Name, spec.Region, spec.Driver));
    }

    [Fact]
    public async Task Update_gives_only_what_is_there_and_answers_the_instance()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("update", before => before with { Spec = before.Spec with { Name = "new" } });

        var answer = await _host.SendAsync(HttpMethod.Patch, Path, """{"name":"new","labels":{"a":"b"},"stop":{"timeout_seconds":3}}""");

        Assert.Equal((200, "new"), (answer.Status, (string?)answer.Json["name"]));
        Assert.Equal("new", instance.Patch!.Name);
        Assert.Equal(new StopSpec("SIGTERM", 3), instance.Patch.Stop);
        Assert.Equal("b", instance.Patch.Labels!["a"]);
        Assert.Null(instance.Patch.Command);
        Assert.Null(instance.Patch.Env);
        Assert.Null(instance.Patch.Restart);
    }

    [Theory]
    [InlineData("""{"driver":"process"}""", "driver can't be changed.")]
    [InlineData("""{"start":false}""", "start can't be changed.")]
    public async Task Update_refuses_what_is_decided_once(string body, string error)
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        var answer = await _host.SendAsync(HttpMethod.Patch, Path, body);

        Assert.Equal((422, error), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task Delete_waits_until_it_is_gone_and_a_second_one_is_404()
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.Change("delete", before => before with { Status = InstanceStatus.Stopping, Busy = true });

        var pending = _host.SendAsync(HttpMethod.Delete, Path);
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait") || pending.IsCompleted);
        Assert.False(pending.IsCompleted);
        instance.Snapshot = null;

        var answer = await pending;
        Assert.Equal((204, ""), (answer.Status, answer.Body));
        Assert.Equal(404, (await _host.SendAsync(HttpMethod.Delete, Path)).Status);
    }

    [Fact]
    public async Task Delete_of_what_does_not_run_answers_although_its_grain_knows_it_no_more()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Refuse("delete", RefusalKind.NotFound, "not_found", "There is no such instance.");

        Assert.Equal(204, (await _host.SendAsync(HttpMethod.Delete, Path)).Status);
    }

    [Fact]
    public async Task Health_of_a_running_instance_is_its_five_numbers()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        _host.Grains.Node("n1").Usages[Given.Id] = Given.Usage(Given.Id) with { CpuPercent = 12 };

        Assert.Equal(
            """{"cpu_percent":12,"memory_mb":256,"disk_mb":1024,"last_heartbeat":1710410700,"uptime_secs":3600}""",
            (await _host.GetAsync(Path + "/health")).Body);
    }

    [Fact]
    public async Task Health_of_one_that_does_not_run_is_zeros_and_its_end()
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id) with { EndedAt = DateTimeOffset.FromUnixTimeSeconds(1710410500) });

        Assert.Equal(
            """{"cpu_percent":0,"memory_mb":0,"disk_mb":0,"last_heartbeat":1710410500,"uptime_secs":0}""",
            (await _host.GetAsync(Path + "/health")).Body);
    }

    [Fact]
    public async Task Health_that_the_node_does_not_tell_is_unavailable_and_not_zero()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        var answer = await _host.GetAsync(Path + "/health");

        Assert.Equal((503, "health_unknown", "1"), (answer.Status, answer.Code, answer.Header("Retry-After")));
    }

    [Fact]
    public async Task A_node_that_hangs_leaves_its_instances_without_health_after_a_second()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        var node = _host.Grains.Node("n1");
        node.OnUsage = _ => new TaskCompletionSource<ImmutableArray<Nodes.InstanceUsage>>().Task;

        var pending = _host.GetAsync(Path);
        await Eventually.Holds("the node to be asked", () => !node.Calls.IsEmpty);
        Assert.False(pending.IsCompleted);
        await _host.PassTimeUntilAsync("the answer", () => pending.IsCompleted);

        var answer = await pending;
        Assert.Equal(200, answer.Status);
        Assert.Null(answer.Json["health"]);
    }

    [Fact]
    public async Task Usage_is_asked_for_once_a_second()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));
        var node = _host.Grains.Node("n1");
        node.Usages[Given.Id] = Given.Usage(Given.Id);

        await _host.GetAsync(Path);
        await _host.GetAsync(Path);
        Assert.Equal(["usage 1"], node.Calls);

        _host.Time.Advance(TimeSpan.FromSeconds(1));
        await _host.GetAsync(Path);
        Assert.Equal(["usage 1", "usage 1"], node.Calls);
    }

    [Fact]
    public async Task Events_come_in_order_also_of_a_deleted_instance()
    {
        var happened = new InstanceEvent(Given.Id, 1, "created", Given.Created, 0, "Created.", ImmutableDictionary<string, string>.Empty);
        var scheduled = new InstanceEvent(Given.Id, 2, "scheduled", Given.Updated, 1, "Scheduled on n1.", ImmutableDictionary<string, string>.Empty.Add("node", "n1"));
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id), happened, scheduled);
        instance.Snapshot = null;
        const string second = """{"sequence":2,"type":"scheduled","at":"2024-03-14T10:05:00.75+00:00","epoch":1,"message":"Scheduled on n1.","metadata":{"node":"n1"}}""";

        Assert.Equal(
            $$$"""[{"sequence":1,"type":"created","at":"2024-03-14T10:00:00.25+00:00","epoch":0,"message":"Created.","metadata":{}},{{{second}}}]""",
            (await _host.GetAsync(Path + "/events")).Body);
        Assert.Equal($"[{second}]", (await _host.GetAsync(Path + "/events?after=1")).Body);
        Assert.Equal($"[{second}]", (await _host.GetAsync(Path + "/events?type=scheduled&type=stopped")).Body);
        Assert.Equal($"[{second}]", (await _host.GetAsync(Path + "/events?since=2024-03-14T10:05:00Z")).Body);
        Assert.Equal($"[{second}]", (await _host.GetAsync(Path + "/events?since=1710410700.75&until=1710410700.751")).Body);
        Assert.Equal("[]", (await _host.GetAsync(Path + "/events?since=1710410400.251&until=1710410700.75")).Body);
        Assert.Equal("[]", (await _host.GetAsync(Path + "/events?after=2")).Body);
        Assert.Single((await _host.GetAsync(Path + "/events?limit=1")).Json.AsArray());
    }

    [Fact]
    public async Task An_instance_whose_events_are_all_forgotten_has_none_and_is_no_stranger()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        Assert.Equal((200, "[]"), await _host.GetAsync(Path + "/events") is var answer ? (answer.Status, answer.Body) : default);
    }

    [Theory]
    [InlineData("after=-1")]
    [InlineData("after=x")]
    [InlineData("limit=0")]
    [InlineData("limit=10001")]
    [InlineData("type=a%00")]
    [InlineData("since=yesterday")]
    [InlineData("until=")]
    public async Task Events_refuse_wrong_parameters(string query) =>
        Assert.Equal(422, (await _host.GetAsync($"{Path}/events?{query}")).Status);
}
