using System.Collections.Immutable;
using System.Text.Json.Nodes;
using OrleansInstances.Gateway.Dialects.Koyeb;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Dialects.Koyeb;

/// <summary>GET /v1/instances and GET /v1/instances/{id}.</summary>
public sealed class KoyebInstancesTests : IAsyncLifetime
{
    private const string Path = "/v1/instances";

    private readonly GatewayHost _host = new();

    public Task InitializeAsync() => _host.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>Every status, with and without failing checks, and koyeb's word for it.</summary>
    public static TheoryData<InstanceStatus, InstanceHealth, string> Statuses => new()
    {
        { InstanceStatus.Pending, InstanceHealth.Unknown, "ALLOCATING" },
        { InstanceStatus.Starting, InstanceHealth.Unknown, "STARTING" },
        { InstanceStatus.Running, InstanceHealth.Unknown, "HEALTHY" },
        { InstanceStatus.Running, InstanceHealth.Healthy, "HEALTHY" },
        { InstanceStatus.Running, InstanceHealth.Unhealthy, "UNHEALTHY" },
        { InstanceStatus.Pausing, InstanceHealth.Healthy, "SLEEPING" },
        { InstanceStatus.Paused, InstanceHealth.Unhealthy, "SLEEPING" },
        { InstanceStatus.Stopping, InstanceHealth.Unhealthy, "STOPPING" },
        { InstanceStatus.Backoff, InstanceHealth.Unknown, "UNHEALTHY" },
        { InstanceStatus.Stopped, InstanceHealth.Unknown, "STOPPED" },
        { InstanceStatus.Failed, InstanceHealth.Unhealthy, "ERROR" },
        { InstanceStatus.Lost, InstanceHealth.Healthy, "UNHEALTHY" },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task All_fields_of_an_instance_are_told_in_every_status(InstanceStatus status, InstanceHealth health, string word)
    {
        await _host.AddAsync(Full() with { Status = status, Health = health });
        var atRest = status is InstanceStatus.Stopped or InstanceStatus.Failed;
        var common = $$"""
            "id":"0f8fad5b-d9cb-469f-a165-70867728950e","created_at":"2024-03-14T10:00:00.25Z","updated_at":"2024-03-14T10:05:00.75Z","organization_id":"alice","app_id":"a","service_id":"s",
            "regional_deployment_id":"r","allocation_id":"l","type":"nano","replica_index":3,"region":"fra","datacenter":"fra1","status":"{{word}}","messages":["why"],"xyz_deployment_id":"d"
            """;

        var one = await _host.GetAsync($"{Path}/{Given.Id}");
        var list = await _host.GetAsync(Path);

        Assert.Equal((200, "application/json"), (one.Status, one.ContentType));
        AssertJson(
            $$$"""
            {"instance":{{{{common}}},"hypervisor":"n1","started_at":"2024-03-14T10:01:00Z","succeeded_at":"2024-03-14T10:02:00.001Z","terminated_at":{{{(atRest ? "\"2024-03-14T10:03:00Z\"" : "null")}}}}}
            """,
            one);
        Assert.Equal((200, "application/json"), (list.Status, list.ContentType));
        AssertJson($$$"""{"instances":[{{{{common}}}}],"limit":10,"offset":0,"count":1,"order":"desc"}""", list);
    }

    [Fact]
    public async Task What_was_never_said_or_has_not_happened_is_empty_and_never_left_out()
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id) with { Node = null, Epoch = 0 });

        AssertJson(
            """
            {"instance":{"id":"0f8fad5b-d9cb-469f-a165-70867728950e","created_at":"2024-03-14T10:00:00.25Z","updated_at":"2024-03-14T10:05:00.75Z","organization_id":"admin","app_id":"","service_id":"",
             "regional_deployment_id":"","allocation_id":"","type":"free","replica_index":0,"region":"","datacenter":"","status":"STOPPED","messages":[],"xyz_deployment_id":"",
             "hypervisor":"","started_at":null,"succeeded_at":null,"terminated_at":null}}
            """,
            await _host.GetAsync($"{Path}/{Given.Id}"));
    }

    [Fact]
    public async Task A_region_that_was_asked_for_is_told_before_there_is_a_node()
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Pending, Given.Id, new InstanceSpec { Command = ["/bin/cat"], Region = "mars" }));

        Assert.Equal("mars", (string?)(await _host.GetAsync($"{Path}/{Given.Id}")).Json["instance"]!["region"]);
    }

    [Theory]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("0F8FAD5B-D9CB-469F-A165-70867728950E")]
    [InlineData("1")]
    public async Task An_instance_is_found_by_its_names(string name)
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        Assert.Equal(Given.Id.ToString(), (string?)(await _host.GetAsync($"{Path}/{name}")).Json["instance"]!["id"]);
    }

    [Theory]
    [InlineData("00000000-0000-4000-8000-000000000000")]
    [InlineData("2")]
    [InlineData("x")]
    [InlineData("0f8fad5b")]
    public async Task What_is_not_there_is_404(string name)
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        var answer = await _host.GetAsync($"{Path}/{name}");

        Assert.Equal((404, """{"status":404,"code":"not_found","message":"There is no such instance."}"""), (answer.Status, answer.Body));
    }

    [Theory]
    [InlineData("", "DCBA")]
    [InlineData("?order=desc", "DCBA")]
    [InlineData("?order=ASC", "ABCD")]
    [InlineData("?order=", "DCBA")]
    [InlineData("?app_id=a", "BA")]
    [InlineData("?app_id=", "DCBA")]
    [InlineData("?app_id=A", "")]
    [InlineData("?app_id=a&service_id=s2", "B")]
    [InlineData("?app_id=b&service_id=s2", "")]
    [InlineData("?deployment_id=d1", "A")]
    [InlineData("?regional_deployment_id=r1", "A")]
    [InlineData("?allocation_id=l1", "A")]
    [InlineData("?replica_index=0", "DCA")]
    [InlineData("?replica_index=1", "B")]
    [InlineData("?statuses=HEALTHY", "A")]
    [InlineData("?statuses=UNHEALTHY", "DB")]
    [InlineData("?statuses=HEALTHY&statuses=UNHEALTHY", "DBA")]
    [InlineData("?statuses=STOPPED&statuses=SLEEPING&statuses=", "C")]
    [InlineData("?statuses=ALLOCATING&statuses=STARTING&statuses=HEALTHY&statuses=UNHEALTHY&statuses=STOPPING", "DBA")]
    [InlineData("?starting_time=2024-03-14T12:00:00Z", "DBA")]
    [InlineData("?starting_time=2024-03-14T10:00:30Z", "DCBA")]
    [InlineData("?ending_time=2024-03-14T09:59:59.999Z", "")]
    [InlineData("?ending_time=2024-03-14T10:00:00.25Z", "D")]
    [InlineData("?starting_time=2024-03-14T10:00:20.000000%2B0000&ending_time=2024-03-14T10:00:20.000000", "DC")]
    [InlineData("?starting_time=2024-03-14T12:00:20+0200", "DCBA")]
    [InlineData("?starting_time=2030-01-01T00:00:00Z", "")]
    [InlineData("?unknown=x&x-koyeb=1", "DCBA")]
    public async Task A_list_has_what_matches_in_order_and_counts_all_of_it(string query, string names)
    {
        await AddFourAsync();

        var list = (await _host.GetAsync(Path + query)).Json;

        Assert.Equal((names, names.Length), (NamesOf(list), (int)list["count"]!));
    }

    [Theory]
    [InlineData("limit=2", "DC", 2, 0)]
    [InlineData("limit=2&offset=2", "BA", 2, 2)]
    [InlineData("limit=3&offset=3&order=asc", "D", 3, 3)]
    [InlineData("offset=4", "", 10, 4)]
    [InlineData("offset=2147483647", "", 10, 2147483647)]
    [InlineData("limit=0", "DCBA", 10, 0)]
    [InlineData("limit=&offset=", "DCBA", 10, 0)]
    [InlineData("limit=100", "DCBA", 100, 0)]
    [InlineData("limit=101", "DCBA", 100, 0)]
    [InlineData("limit=2147483647", "DCBA", 100, 0)]
    public async Task Pages_tell_what_was_applied(string query, string names, int limit, int offset)
    {
        await AddFourAsync();

        var list = (await _host.GetAsync($"{Path}?{query}")).Json;

        Assert.Equal((names, limit, offset, 4), (NamesOf(list), (int)list["limit"]!, (int)list["offset"]!, (int)list["count"]!));
        Assert.Equal(query.Contains("order=asc", StringComparison.Ordinal) ? "asc" : "desc", (string?)list["order"]);
    }

    [Theory]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("limit=2147483648", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("offset=-1", "offset")]
    [InlineData("offset=1.5", "offset")]
    [InlineData("order=up", "order")]
    [InlineData("replica_index=first", "replica_index")]
    [InlineData("statuses=RUNNING", "statuses")]
    [InlineData("statuses=HEALTHY,UNHEALTHY", "statuses")]
    [InlineData("statuses=healthy", "statuses")]
    [InlineData("starting_time=yesterday", "starting_time")]
    [InlineData("ending_time=1710410400", "ending_time")]
    [InlineData("starting_time=2024-03-14T10:00:01Z&ending_time=2024-03-14T10:00:00Z", "starting_time")]
    [InlineData("app_id=a%00b", "app_id")]
    [InlineData("service_id=a&service_id=b", "service_id")]
    [InlineData("limit=x&offset=x&order=x", "limit offset order")]
    public async Task A_parameter_that_makes_no_sense_is_named(string query, string fields)
    {
        var answer = await _host.GetAsync($"{Path}?{query}");

        Assert.Equal((400, 400, "invalid_argument"), (answer.Status, (int)answer.Json["status"]!, answer.Code));
        Assert.Equal(fields, string.Join(' ', answer.Json["fields"]!.AsArray().Select(field => (string?)field!["field"])));
        Assert.All(answer.Json["fields"]!.AsArray(), field => Assert.NotEmpty((string?)field!["description"] ?? ""));
        Assert.NotEmpty((string?)answer.Json["message"] ?? "");
    }

    [Fact]
    public async Task What_is_wrong_is_worded_as_documented() => Assert.Equal(
        """{"status":400,"code":"invalid_argument","message":"order: must be asc or desc","fields":[{"field":"order","description":"must be asc or desc"}]}""",
        (await _host.GetAsync(Path + "?order=up")).Body);

    [Fact]
    public async Task Paging_as_the_official_clients_do_meets_each_instance_once()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 25; i++)
        {
            ids.Add((await _host.AddAsync(Given.Instance())).Id);
        }

        var seen = new List<Guid>();
        for (var (offset, count) = (0, int.MaxValue); offset < count; offset += 10)
        {
            var page = (await _host.GetAsync($"{Path}?limit=10&offset={offset}&statuses=HEALTHY")).Json;
            count = (int)page["count"]!;
            seen.AddRange(page["instances"]!.AsArray().Select(instance => (Guid)instance!["id"]!));
        }

        Assert.Equal(ids.Order(), seen.Order());
    }

    [Fact]
    public async Task Every_word_filters_what_it_shows()
    {
        foreach (var row in Statuses)
        {
            await _host.AddAsync(Given.Instance((InstanceStatus)row[0]) with { Health = (InstanceHealth)row[1] });
        }

        foreach (var word in KoyebStatus.Words)
        {
            var shown = (await _host.GetAsync($"{Path}?limit=100&statuses={word}")).Json["instances"]!.AsArray();
            Assert.Equal(Statuses.Count(row => (string)row[2] == word), shown.Count);
            Assert.All(shown, instance => Assert.Equal(word, (string?)instance!["status"]));
        }
    }

    [Fact]
    public async Task A_key_sees_its_owners_instances_and_counts_no_others()
    {
        await AddFourAsync();
        await _host.AddKeyAsync("oi_alice", owner: "alice", scopes: "view");
        await _host.AddKeyAsync("oi_team", scopes: "view", labels: ImmutableDictionary<string, string>.Empty.Add("team", "a"));

        foreach (var (key, names, hidden) in new[] { ("oi_alice", "CA", "B"), ("oi_team", "B", "A") })
        {
            _host.Use(key);
            var list = (await _host.GetAsync(Path)).Json;
            Assert.Equal((names, names.Length), (NamesOf(list), (int)list["count"]!));
            Assert.Equal(404, (await _host.GetAsync($"{Path}/{IdOf(hidden[0])}")).Status);
            Assert.Equal(200, (await _host.GetAsync($"{Path}/{IdOf(names[0])}")).Status);
        }
    }

    [Fact]
    public async Task Nothing_is_asked_of_a_grain_for_a_list()
    {
        var instance = await _host.AddAsync(Given.Instance());
        instance.On["get"] = _ => throw new InvalidOperationException("A list wakes nobody.");

        Assert.Equal(200, (await _host.GetAsync(Path)).Status);
    }

    private static InstanceSnapshot Full() => Given.Instance(id: Given.Id, spec: new InstanceSpec
    {
        Command = ["/bin/cat"],
        Region = "eu",
        Deployment = new DeploymentSpec
        {
            AppId = "a",
            ServiceId = "s",
            DeploymentId = "d",
            RegionalDeploymentId = "r",
            AllocationId = "l",
            ReplicaIndex = 3,
            Type = "nano",
            Datacenter = "fra1",
        },
    }) with
    {
        Owner = "alice",
        Region = "fra",
        Message = "why",
        FirstStartedAt = Given.Created.AddSeconds(59.75),
        StartedAt = Given.Created.AddSeconds(70),
        CompletedAt = Given.Created.AddSeconds(119.751).AddTicks(9),
        EndedAt = Given.Created.AddSeconds(179.75),
    };

    /// <summary>Created a second apart, D at first in name only: A at 10:00:10, B at 10:00:20 … but for D, which never started.</summary>
    private async Task AddFourAsync()
    {
        var none = new InstanceSpec { Command = ["/bin/cat"] };
        var team = ImmutableDictionary<string, string>.Empty.Add("team", "a");
        await AddAsync('A', InstanceStatus.Running, "alice", none with
        {
            Deployment = new DeploymentSpec { AppId = "a", ServiceId = "s1", DeploymentId = "d1", RegionalDeploymentId = "r1", AllocationId = "l1" },
        });
        await AddAsync('B', InstanceStatus.Backoff, "bob", none with { Labels = team, Deployment = new DeploymentSpec { AppId = "a", ServiceId = "s2", ReplicaIndex = 1 } });
        await AddAsync('C', InstanceStatus.Stopped, "alice", none);
        await AddAsync('D', InstanceStatus.Running, "bob", none);
    }

    private Task AddAsync(char name, InstanceStatus status, string owner, InstanceSpec spec)
    {
        var order = name - 'A';
        var snapshot = Given.Instance(status, IdOf(name), spec) with
        {
            Owner = owner,
            CreatedAt = Given.Created.AddMilliseconds(order),
            Health = name == 'D' ? InstanceHealth.Unhealthy : InstanceHealth.Unknown,
            FirstStartedAt = name switch { 'D' => Given.Created, 'C' => Given.Created.AddSeconds(10), _ => Given.Created.AddSeconds(30) },
            EndedAt = status is InstanceStatus.Stopped or InstanceStatus.Backoff ? Given.Created.AddSeconds(60) : null,
        };
        return _host.AddAsync(snapshot);
    }

    private static Guid IdOf(char name) => new($"{name}0000000-0000-4000-8000-000000000000");

    private static string NamesOf(JsonNode list) =>
        string.Concat(list["instances"]!.AsArray().Select(instance => char.ToUpperInvariant(((string)instance!["id"]!)[0])));

    private static void AssertJson(string expected, Answer answer) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), answer.Json), $"Expected {expected}\nbut got  {answer.Body}");
}
