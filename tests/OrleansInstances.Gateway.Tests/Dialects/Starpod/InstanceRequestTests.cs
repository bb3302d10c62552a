using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Dialects.Starpod;

/// <summary>What a create body means, and what it must not say.</summary>
public sealed class InstanceRequestTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Every_field_reaches_the_spec()
    {
        var answer = await _host.PostAsync("/api/instances", """
            {"name":"web","region":"mars","node":"n1","driver":"process","command":["/bin/cat","","-"],"env":{"K":"V","E":""},"cwd":"/tmp",
             "stop":{"signal":"SIGINT","timeout_seconds":2.5},
             "restart":{"policy":"on-failure","backoff_seconds":2,"max_backoff_seconds":30,"reset_after_seconds":90,"max_attempts":4},
             "labels":{"a":"b"},"node_labels":{"disk":"ssd"},"console":{"max_bytes":131072,"split":true,"retain_seconds":60},"stdin":"never-eof","on_node_loss":"move","start":false}
            """);

        var created = Assert.Single(_host.Grains.Instances).Snapshot!;
        Assert.Equal((201, InstanceStatus.Stopped), (answer.Status, created.Status));
        var spec = created.Spec;
        Assert.Equal(("web", "mars", "n1", "process", "/tmp"), (spec.Name, spec.Region, spec.Node, spec.Driver, spec.Cwd));
        Assert.Equal(["/bin/cat", "", "-"], spec.Command.AsEnumerable());
        Assert.Equal([("E", ""), ("K", "V")], spec.Env.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal(new StopSpec("SIGINT", 2.5), spec.Stop);
        Assert.Equal(new RestartSpec(RestartPolicy.OnFailure, 2, 30, 90, 4), spec.Restart);
        Assert.Equal(("b", "ssd"), (spec.Labels["a"], spec.NodeLabels["disk"]));
        Assert.Equal(new ConsoleSpec(131072, Split: true, RetainSeconds: 60), spec.Console);
        Assert.Equal((StdinMode.NeverEof, NodeLossPolicy.Move), (spec.Stdin, spec.OnNodeLoss));
    }

    [Fact]
    public async Task Health_checks_and_dependencies_reach_the_spec()
    {
        var other = _host.Grains.Instance(Given.Id);
        other.Snapshot = Given.Instance(id: Given.Id);
        foreach (var (health, expected) in new (string, HealthSpec)[]
        {
            ("""{"tcp":{"port":5432}}""", new HealthSpec { TcpPort = 5432 }),
            ("""{"http":{"port":80,"path":"/up"},"interval_seconds":1,"timeout_seconds":0.5,"retries":2,"start_period_seconds":3,"restart":true}""",
                new HealthSpec { HttpPort = 80, HttpPath = "/up", IntervalSeconds = 1, TimeoutSeconds = 0.5, Retries = 2, StartPeriodSeconds = 3, Restart = true }),
        })
        {
            var answer = await _host.PostAsync("/api/instances", $$"""{"name":"web","health":{{health}},"depends_on":[{"id":"{{Given.Id}}","condition":"healthy"}]}""");

            Assert.Equal(201, answer.Status);
            var created = _host.Grains.Instances.Select(instance => instance.Snapshot!).Last(instance => instance.Spec.Health == expected);
            Assert.Equal([new InstanceDependency(Given.Id, DependencyCondition.Healthy)], created.Spec.DependsOn.AsEnumerable());
        }

        await _host.PostAsync("/api/instances", """{"name":"cmd","health":{"command":["pg_isready","-q"]}}""");
        Assert.Equal(["pg_isready", "-q"], _host.Grains.Instances.Single(instance => instance.Snapshot!.Spec.Name == "cmd").Snapshot!.Spec.Health!.Command.AsEnumerable());
    }

    [Fact]
    public async Task User_and_limits_reach_the_spec_and_the_answer_says_what_was_asked()
    {
        var answer = await _host.PostAsync("/api/instances", """{"user":{"uid":1000,"gid":1001,"groups":[5,6],"no_new_privileges":false},"limits":{"memory_mb":64,"cpus":0.5,"pids":9,"required":true}}""");

        var spec = Assert.Single(_host.Grains.Instances).Snapshot!.Spec;
        Assert.Equal((1000, 1001, false), (spec.User!.Uid, spec.User.Gid, spec.User.NoNewPrivileges));
        Assert.Equal([5, 6], spec.User.Groups.AsEnumerable());
        Assert.Equal(new InstanceLimits(64, 0.5, 9, Required: true), spec.Limits);
        Assert.Contains("\"limits\":{\"memory_mb\":64,\"cpus\":0.5,\"pids\":9,\"enforced\":null}", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_is_part_of_reaches_the_spec_and_what_is_empty_says_nothing()
    {
        await _host.PostAsync("/api/instances", """
            {"app_id":"a","service_id":"s","deployment_id":"d","regional_deployment_id":"r","allocation_id":"l","replica_index":3,"type":"nano","datacenter":""}
            """);

        Assert.Equal(
            new DeploymentSpec { AppId = "a", ServiceId = "s", DeploymentId = "d", RegionalDeploymentId = "r", AllocationId = "l", ReplicaIndex = 3, Type = "nano" },
            Assert.Single(_host.Grains.Instances).Snapshot!.Spec.Deployment);
    }

    [Fact]
    public async Task A_patch_of_what_it_is_part_of_says_only_what_it_has()
    {
        await UpdateAsync("\"deployment_id\":\"d2\",\"app_id\":\"\"");

        Assert.Equal(new DeploymentSpec { DeploymentId = "d2", AppId = "" }, Assert.Single(_host.Grains.Instances).Patch!.Deployment);
    }

    [Fact]
    public async Task A_users_group_is_its_own_and_it_gains_no_privileges_unless_told_otherwise()
    {
        await _host.PostAsync("/api/instances", """{"user":{"uid":1000}}""");

        var user = Assert.Single(_host.Grains.Instances).Snapshot!.Spec.User!;
        Assert.Equal((1000, 1000, true), (user.Uid, user.Gid, user.NoNewPrivileges));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"health":{},"depends_on":[],"user":{},"limits":{}}""")]
    [InlineData("""{"name":null,"region":null,"command":null,"env":null,"stop":null,"restart":null,"console":null,"stdin":null,"on_node_loss":null,"labels":null,"start":null,"driver":null,"cwd":null,"node":null}""")]
    [InlineData("""{"stop":{},"restart":{},"console":{}}""")]
    [InlineData("""{"some":"field","that":{"nobody":["knows"]}}""")]
    [InlineData("""{"node_labels":{},"image":null,"user":null,"health":null,"limits":{"memory_mb":0,"cpus":0,"pids":0,"required":false},"ports":[],"depends_on":[],"console":{"split":false,"retain_seconds":0},"template":null,"app_id":null,"service_id":null,"deployment_id":null,"regional_deployment_id":null,"allocation_id":null,"replica_index":0,"type":"free","datacenter":null}""")]
    public async Task What_asks_for_nothing_gives_the_defaults(string body)
    {
        Assert.Equal(201, (await _host.PostAsync("/api/instances", body)).Status);

        var spec = Assert.Single(_host.Grains.Instances).Snapshot!.Spec;
        Assert.Equal(
            (new StopSpec(), new RestartSpec(), new ConsoleSpec(), StdinMode.Closable, NodeLossPolicy.Wait),
            (spec.Stop, spec.Restart, spec.Console, spec.Stdin, spec.OnNodeLoss));
        Assert.Empty(spec.Env);
        Assert.Empty(spec.Labels);
        Assert.Null(spec.Name);
    }

    [Theory]
    [InlineData("\"image\":\"busybox\"", "image")]
    [InlineData("\"ports\":[{\"container\":80}]", "ports")]
    [InlineData("\"template\":\"t\"", "template")]
    public async Task What_is_not_built_yet_is_refused_by_name(string field, string name)
    {
        foreach (var answer in new[] { await CreateAsync(field), await UpdateAsync(field) })
        {
            Assert.Equal((422, "not_supported", $"\"{name}\" is not supported yet."), (answer.Status, answer.Code, answer.Error));
        }
    }

    [Theory]
    [InlineData("\"driver\":\"remote\"")]
    [InlineData("\"driver\":\"remote\",\"remote\":{\"host\":\"127.0.0.1\",\"port\":80},\"command\":[]")]
    public async Task What_runs_elsewhere_is_not_made_here(string body)
    {
        var answer = await CreateAsync(body);

        Assert.Equal(
            (422, "not_supported", "driver: \"remote\" is for what miners bring up, which is made by launching it (docs/chutes.md)."), (answer.Status, answer.Code, answer.Error));
        Assert.Empty(_host.Grains.Instances);
    }

    [Theory]
    [InlineData("\"name\":1", "\"name\"")]
    [InlineData("\"region\":[]", "\"region\"")]
    [InlineData("\"driver\":{}", "\"driver\"")]
    [InlineData("\"command\":\"/bin/cat\"", "\"command\"")]
    [InlineData("\"command\":[1]", "\"command[0]\"")]
    [InlineData("\"command\":{}", "\"command\"")]
    [InlineData("\"env\":[]", "\"env\"")]
    [InlineData("\"env\":{\"K\":1}", "\"env.K\"")]
    [InlineData("\"labels\":{\"K\":{}}", "\"labels.K\"")]
    [InlineData("\"cwd\":true", "\"cwd\"")]
    [InlineData("\"stop\":\"SIGTERM\"", "\"stop\"")]
    [InlineData("\"stop\":{\"signal\":15}", "\"stop.signal\"")]
    [InlineData("\"stop\":{\"timeout_seconds\":\"10\"}", "\"stop.timeout_seconds\"")]
    [InlineData("\"restart\":{\"max_attempts\":1.5}", "\"restart.max_attempts\"")]
    [InlineData("\"restart\":{\"max_attempts\":99999999999}", "\"restart.max_attempts\"")]
    [InlineData("\"restart\":{\"backoff_seconds\":[]}", "\"restart.backoff_seconds\"")]
    [InlineData("\"console\":{\"max_bytes\":1e30}", "\"console.max_bytes\"")]
    [InlineData("\"start\":\"yes\"", "\"start\"")]
    [InlineData("\"app_id\":1", "\"app_id\"")]
    [InlineData("\"replica_index\":\"0\"", "\"replica_index\"")]
    [InlineData("\"name\":\"\\ud800\"", "\"name\"")]
    [InlineData("\"env\":{\"\\ud800\":\"x\"}", "\"")]
    public async Task A_value_of_the_wrong_type_is_named(string field, string name)
    {
        foreach (var answer in new[] { await CreateAsync(field), await UpdateAsync(field) })
        {
            Assert.Equal((422, "wrong_type"), (answer.Status, answer.Code));
            Assert.StartsWith(name, answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("System.", answer.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("\"command\":[\"/bin/cat\",null]", "command must not contain null.")]
    [InlineData("\"env\":{\"K\":null}", "env must not contain null.")]
    [InlineData("\"labels\":{\"K\":null}", "labels must not contain null.")]
    [InlineData("\"node_labels\":{\"K\":null}", "node_labels must not contain null.")]
    [InlineData("\"stdin\":\"open\"", "stdin must be one of closable, never-eof.")]
    [InlineData("\"on_node_loss\":\"\"", "on_node_loss must be one of wait, move.")]
    [InlineData("\"restart\":{\"policy\":\"Always\"}", "restart.policy must be one of never, on-failure, always.")]
    [InlineData("\"stop\":{\"sgnal\":\"SIGTERM\"}", "\"stop.sgnal\" is not a known field.")]
    [InlineData("\"restart\":{\"x\":null}", "\"restart.x\" is not a known field.")]
    [InlineData("\"console\":{\"maxbytes\":1}", "\"console.maxbytes\" is not a known field.")]
    [InlineData("\"user\":{\"name\":\"root\"}", "\"user.name\" is not a known field.")]
    [InlineData("\"user\":{\"gid\":1}", "user.uid must be given, 0 or more.")]
    [InlineData("\"user\":{\"uid\":-1}", "user.uid must be given, 0 or more.")]
    [InlineData("\"limits\":{\"memory\":1}", "\"limits.memory\" is not a known field.")]
    [InlineData("\"health\":{\"comand\":[\"true\"]}", "\"health.comand\" is not a known field.")]
    [InlineData("\"health\":{\"tcp\":{\"prot\":1}}", "\"health.tcp.prot\" is not a known field.")]
    [InlineData("\"health\":{\"http\":{\"x\":1}}", "\"health.http.x\" is not a known field.")]
    [InlineData("\"health\":{\"interval_seconds\":1}", "health must have exactly one of command, tcp and http.")]
    [InlineData("\"health\":{\"tcp\":{\"port\":1},\"http\":{\"port\":1}}", "health must have exactly one of command, tcp and http.")]
    [InlineData("\"health\":{\"command\":[]}", "health.command must name a program and not contain null.")]
    [InlineData("\"health\":{\"command\":[null]}", "health.command must name a program and not contain null.")]
    [InlineData("\"health\":{\"tcp\":{}}", "health.tcp.port must be 1 to 65535.")]
    [InlineData("\"health\":{\"http\":{\"port\":0}}", "health.http.port must be 1 to 65535.")]
    [InlineData("\"depends_on\":[{\"id\":\"1\",\"when\":\"x\"}]", "\"depends_on[0].when\" is not a known field.")]
    [InlineData("\"depends_on\":[{\"id\":\"1\",\"condition\":\"done\"}]", "depends_on[0].condition must be one of started, healthy.")]
    [InlineData("\"depends_on\":[{}]", "depends_on[0].id must name an instance.")]
    [InlineData("\"depends_on\":[null]", "depends_on[0].id must name an instance.")]
    [InlineData("\"depends_on\":[{\"id\":\"x' OR 1=1\"}]", "depends_on[0].id must name an instance.")]
    public async Task A_wrong_value_is_told_with_its_rule(string field, string error)
    {
        foreach (var answer in new[] { await CreateAsync(field), await UpdateAsync(field) })
        {
            Assert.Equal((422, "invalid", error), (answer.Status, answer.Code, answer.Error));
        }

        Assert.DoesNotContain(_host.Grains.Instances, instance => !instance.Calls.IsEmpty);
    }

    [Fact]
    public async Task What_the_grain_finds_invalid_is_422_in_its_words()
    {
        _host.Grains.OnCreate = _ => new Refusal(RefusalKind.Invalid, "invalid", "cwd must be an absolute path.");

        var answer = await CreateAsync("\"cwd\":\"here\"");

        Assert.Equal((422, """{"error":"cwd must be an absolute path.","code":"invalid"}"""), (answer.Status, answer.Body));
    }

    private Task<Answer> CreateAsync(string field) => _host.PostAsync("/api/instances", $"{{{field}}}");

    private Task<Answer> UpdateAsync(string field) =>
        _host.SendAsync(HttpMethod.Patch, $"/api/instances/{Given.Id}", $"{{{field}}}");
}
