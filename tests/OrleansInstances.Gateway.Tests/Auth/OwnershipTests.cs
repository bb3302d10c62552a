using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Auth;

/// <summary>What limited keys see, make and change. That they reach nothing else is <see cref="RouteMatrixTests"/>' part.</summary>
public sealed class OwnershipTests : IAsyncLifetime
{
    private const string Path = "/api/instances";

    private static readonly ImmutableDictionary<string, string> None = ImmutableDictionary<string, string>.Empty;

    private readonly GatewayHost _host = new();

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        await _host.AddKeyAsync("oi_alice", owner: "alice", scopes: "view lifecycle");
        await _host.AddKeyAsync("oi_team", scopes: "view lifecycle", labels: None.Add("team", "a"));
        await AddAsync("alice", None);
        await AddAsync("bob", None.Add("team", "a"));
        await AddAsync("alice", None.Add("team", "a").Add("tier", "web"));
        await AddAsync("bob", None.Add("team", "b"));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(GatewayHost.Key, "", new[] { 1, 2, 3, 4 })]
    [InlineData("oi_alice", "", new[] { 1, 3 })]
    [InlineData("oi_alice", "?limit=1", new[] { 1 })]
    [InlineData("oi_alice", "?label=team:b", new int[0])]
    [InlineData("oi_team", "", new[] { 2, 3 })]
    [InlineData("oi_team", "?label=tier:web", new[] { 3 })]
    [InlineData("oi_team", "?label=team:b", new int[0])]
    public async Task A_list_has_what_the_key_may_see(string key, string query, int[] numbers)
    {
        _host.Use(key);

        var list = await _host.GetAsync(Path + query);

        Assert.Equal(numbers, list.Json.AsArray().Select(instance => (int)instance!["number"]!));
        Assert.Equal(query == "?limit=1", list.Header("Link") is not null);
    }

    [Fact]
    public async Task The_last_page_of_a_limited_key_has_no_next_one()
    {
        _host.Use("oi_alice");

        Assert.Null((await _host.GetAsync(Path + "?limit=1&after=1")).Header("Link"));
    }

    [Theory]
    [InlineData("{}", """{"team":"a"}""")]
    [InlineData("""{"labels":{"tier":"web"}}""", """{"team":"a","tier":"web"}""")]
    [InlineData("""{"labels":{"team":"a"}}""", """{"team":"a"}""")]
    public async Task What_a_label_limited_key_makes_has_its_labels(string body, string labels)
    {
        _host.Use("oi_team");

        var created = await _host.PostAsync(Path, body);

        Assert.Equal(201, created.Status);
        Assert.Equal(labels, string.Concat("{", string.Join(',', created.Json["labels"]!.AsObject().OrderBy(label => label.Key).Select(label => $"\"{label.Key}\":\"{label.Value}\"")), "}"));
    }

    [Fact]
    public async Task It_can_not_make_one_of_other_labels()
    {
        _host.Use("oi_team");

        var answer = await _host.PostAsync(Path, """{"labels":{"team":"b"}}""");

        Assert.Equal((403, "label_not_allowed"), (answer.Status, answer.Code));
        Assert.DoesNotContain(_host.Grains.Instances, instance => instance.Calls.Contains("create"));
    }

    [Theory]
    [InlineData("""{"labels":{"team":"b"}}""")]
    [InlineData("""{"labels":{"tier":"web"}}""")]
    [InlineData("""{"labels":{}}""")]
    public async Task It_can_not_take_its_labels_away(string patch)
    {
        _host.Use("oi_team");

        var answer = await _host.SendAsync(HttpMethod.Patch, $"{Path}/3", patch);

        Assert.Equal((403, "label_not_allowed"), (answer.Status, answer.Code));
        Assert.DoesNotContain(_host.Grains.Instances, instance => instance.Calls.Contains("update"));
    }

    [Theory]
    [InlineData("""{"name":"new"}""")]
    [InlineData("""{"labels":{"team":"a","tier":"db"}}""")]
    public async Task It_can_change_all_else(string patch)
    {
        _host.Use("oi_team");

        Assert.Equal(200, (await _host.SendAsync(HttpMethod.Patch, $"{Path}/3", patch)).Status);
    }

    [Fact]
    public async Task Events_of_a_deleted_instance_are_its_owners_and_no_label_limited_keys()
    {
        var mine = await AddAsync("alice", None.Add("team", "a"));
        mine.Snapshot = null;
        var path = $"{Path}/{mine.Id}/events";

        Assert.Equal(200, (await _host.GetAsync(path)).Status);
        _host.Use("oi_alice");
        Assert.Equal(200, (await _host.GetAsync(path)).Status);
        Assert.Equal(200, (await _host.GetAsync($"{Path}/5/events?after=1")).Status);
        _host.Use("oi_team");
        Assert.Equal((404, "not_found"), await _host.GetAsync(path) is var labels ? (labels.Status, labels.Code!) : default);
        await _host.AddKeyAsync("oi_both", owner: "alice", scopes: "view", labels: None.Add("team", "a"));
        _host.Use("oi_both");
        Assert.Equal(404, (await _host.GetAsync(path)).Status);
        await _host.AddKeyAsync("oi_bob", owner: "bob", scopes: "view");
        _host.Use("oi_bob");
        Assert.Equal((404, "not_found"), await _host.GetAsync(path) is var others ? (others.Status, others.Code!) : default);
    }

    [Fact]
    public async Task Who_may_act_but_not_look_gets_back_the_instance_of_the_request_itself()
    {
        await _host.AddKeyAsync("oi_blind", scopes: "lifecycle");
        _host.Use("oi_blind");

        Assert.Equal(1, (int)(await _host.PostAsync($"{Path}/1/start")).Json["number"]!);
        Assert.Equal(403, (await _host.GetAsync($"{Path}/1")).Status);
    }

    private Task<ScriptedInstance> AddAsync(string owner, ImmutableDictionary<string, string> labels)
    {
        var id = Guid.NewGuid();
        return _host.AddAsync(
            Given.Instance(id: id, spec: new InstanceSpec { Command = ["/bin/cat"], Labels = labels }) with { Owner = owner },
            new InstanceEvent(id, 1, "created", Given.Created, 0, "Created.", None.Add("owner", owner)));
    }
}
