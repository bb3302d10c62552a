using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Dialects.Starpod;

public sealed class StarpodListTests : IAsyncLifetime
{
    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Nothing_is_a_bare_empty_array()
    {
        var answer = await _host.GetAsync("/api/instances");

        Assert.Equal((200, "[]", "application/json"), (answer.Status, answer.Body, answer.ContentType));
    }

    [Fact]
    public async Task Items_look_as_they_do_alone_and_each_node_is_asked_once()
    {
        var one = (await _host.AddAsync(Given.Instance())).Snapshot!;
        var two = (await _host.AddAsync(Given.Instance())).Snapshot!;
        await _host.AddAsync(Given.Instance() with { Node = "n2" });
        await _host.AddAsync(Given.Instance(InstanceStatus.Stopped));
        _host.Grains.Node("n1").Usages[one.Id] = Given.Usage(one.Id);
        _host.Grains.Node("n2").OnUsage = _ => throw new InvalidOperationException("no usage today");

        var list = (await _host.GetAsync("/api/instances")).Json.AsArray();

        Assert.Equal(["usage 2"], _host.Grains.Node("n1").Calls);
        Assert.Equal(["usage 1"], _host.Grains.Node("n2").Calls);
        Assert.Equal([1, 2, 3, 4], list.Select(item => (int)item!["number"]!));
        Assert.Equal((await _host.GetAsync($"/api/instances/{one.Id}")).Body, list[0]!.ToJsonString());
        Assert.Equal((await _host.GetAsync($"/api/instances/{two.Id}")).Body, list[1]!.ToJsonString());
        Assert.NotNull(list[0]!["health"]);
        Assert.All(list.Skip(1), item => Assert.Null(item!["health"]));
    }

    [Fact]
    public async Task Pages_follow_their_links_to_the_end_without_a_gap_or_a_double()
    {
        for (var i = 0; i < 7; i++)
        {
            await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, spec: new InstanceSpec { Region = "a b&c" }));
            await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, spec: new InstanceSpec { Region = "elsewhere" }));
        }

        var seen = new List<int>();
        var sizes = new List<int>();
        var path = "/api/instances?limit=3&region=a+b%26c&status=stopped";
        while (path is not null)
        {
            var page = await _host.GetAsync(path);
            var numbers = page.Json.AsArray().Select(item => (int)item!["number"]!).ToList();
            seen.AddRange(numbers);
            sizes.Add(numbers.Count);
            path = page.Header("Link") is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
            Assert.True(path is null || page.Header("Link")!.EndsWith("; rel=\"next\"", StringComparison.Ordinal));
        }

        Assert.Equal([1, 3, 5, 7, 9, 11, 13], seen);
        Assert.Equal([3, 3, 1], sizes);
    }

    [Fact]
    public async Task A_last_page_that_is_just_full_has_no_next_one()
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Stopped));
        await _host.AddAsync(Given.Instance(InstanceStatus.Stopped));

        Assert.Null((await _host.GetAsync("/api/instances?limit=2")).Header("Link"));
    }

    [Theory]
    [InlineData("status=creating", "2 3")]
    [InlineData("status=running", "1")]
    [InlineData("status=error", "4")]
    [InlineData("status=pending", "2")]
    [InlineData("status=pending&status=failed", "2 4")]
    [InlineData("region=mars", "2")]
    [InlineData("name=bot", "1 4")]
    [InlineData("label=team:blue", "1 2")]
    [InlineData("label=team:blue&label=tier:1", "1")]
    [InlineData("label=url:http://x:80", "3")]
    [InlineData("name=bot&status=error", "4")]
    [InlineData("after=2", "3 4")]
    [InlineData("unknown=parameter", "1 2 3 4")]
    [InlineData("status=paused", "")]
    public async Task Filters_restrict(string query, string numbers)
    {
        await _host.AddAsync(Given.Instance(InstanceStatus.Running, spec: Spec("bot", null, ("team", "blue"), ("tier", "1"))));
        await _host.AddAsync(Given.Instance(InstanceStatus.Pending, spec: Spec("cat", "mars", ("team", "blue"))));
        await _host.AddAsync(Given.Instance(InstanceStatus.Starting, spec: Spec(null, "moon", ("url", "http://x:80"))));
        await _host.AddAsync(Given.Instance(InstanceStatus.Failed, spec: Spec("bot", null)));

        var list = (await _host.GetAsync($"/api/instances?{query}")).Json.AsArray();

        Assert.Equal(numbers, string.Join(' ', list.Select(item => (int)item!["number"]!)));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=10001")]
    [InlineData("limit=ten")]
    [InlineData("limit=")]
    [InlineData("after=-1")]
    [InlineData("after=inst_abc")]
    [InlineData("status=")]
    [InlineData("status=deleted")]
    [InlineData("status=RUNNING")]
    [InlineData("name=a%00b")]
    [InlineData("region=%00")]
    [InlineData("label=a%00:1")]
    [InlineData("label=a:%00")]
    [InlineData("label=team")]
    [InlineData("label=a:1&label=a:2")]
    public async Task Wrong_parameters_are_named(string query)
    {
        var answer = await _host.GetAsync($"/api/instances?{query}");

        Assert.Equal((422, "invalid"), (answer.Status, answer.Code));
        Assert.StartsWith(query.Split('=')[0], answer.Error, StringComparison.Ordinal);
    }

    private static InstanceSpec Spec(string? name, string? region, params (string Key, string Value)[] labels) => new()
    {
        Name = name,
        Region = region,
        Labels = labels.ToImmutableDictionary(label => label.Key, label => label.Value),
    };
}
