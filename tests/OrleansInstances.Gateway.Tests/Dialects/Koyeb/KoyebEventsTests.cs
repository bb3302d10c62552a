using System.Collections.Immutable;
using System.Text.Json.Nodes;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Dialects.Koyeb;

/// <summary>GET /v1/instance_events: alice's instance with three events, bob's with two, and one of bob's that is deleted.</summary>
public sealed class KoyebEventsTests : IAsyncLifetime
{
    private const string Path = "/v1/instance_events";
    private const string Alices = "a0000000-0000-4000-8000-000000000000";
    private const string Bobs = "b0000000-0000-4000-8000-000000000000";
    private const string Gone = "c0000000-0000-4000-8000-000000000000";

    private static readonly ImmutableDictionary<string, string> None = ImmutableDictionary<string, string>.Empty;

    private readonly GatewayHost _host = new();

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        await AddAsync(Alices, "alice", InstanceStatus.Failed, (1, "created"), (2, "started"), (5, "exited"));
        await AddAsync(Bobs, "bob", InstanceStatus.Running, (3, "created"), (4, "started"));
        await AddAsync(Gone, "bob", InstanceStatus.Deleted, (6, "created"));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task All_fields_of_an_event_are_told()
    {
        var answer = await _host.GetAsync($"{Path}?instance_ids={Alices}&order=asc&types=exited&types=created");

        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {"events":[
                     {"id":"a0000000-0000-4000-8000-000000000001","when":"2024-03-14T10:00:01.25Z","organization_id":"alice","instance_id":"a0000000-0000-4000-8000-000000000000",
                      "type":"created","message":"created.","metadata":{"epoch":"1"}},
                     {"id":"a0000000-0000-4000-8000-000000000003","when":"2024-03-14T10:00:05.25Z","organization_id":"alice","instance_id":"a0000000-0000-4000-8000-000000000000",
                      "type":"exited","message":"exited.","metadata":{"epoch":"1","node":"n1","exit_code":"137","signal":"SIGKILL"}}],
                     "limit":10,"offset":0,"order":"asc","has_next":false}
                    """),
                answer.Json),
            answer.Body);
    }

    [Theory]
    [InlineData("", "6 5 4 3 2 1")]
    [InlineData("?order=Asc", "1 2 3 4 5 6")]
    [InlineData("?instance_ids=" + Alices, "5 2 1")]
    [InlineData("?instance_ids=" + Alices + "&instance_ids=" + Gone, "6 5 2 1")]
    [InlineData("?instance_ids=2", "4 3")]
    [InlineData("?instance_ids=", "6 5 4 3 2 1")]
    [InlineData("?instance_ids=nobody", "")]
    [InlineData("?instance_ids=00000000-0000-4000-8000-000000000000", "")]
    [InlineData("?types=started", "4 2")]
    [InlineData("?types=started&types=exited&types=unheard_of", "5 4 2")]
    [InlineData("?types=unheard_of", "")]
    [InlineData("?types=STARTED", "")]
    [InlineData("?types=created&instance_ids=" + Bobs, "3")]
    [InlineData("?starting_time=nonsense", "6 5 4 3 2 1")]
    public async Task A_list_has_what_matches_by_time(string query, string seconds) =>
        Assert.Equal(seconds, SecondsOf((await _host.GetAsync(Path + query)).Json));

    [Theory]
    [InlineData("limit=4", "6 5 4 3", true)]
    [InlineData("limit=4&offset=4", "2 1", false)]
    [InlineData("limit=2&offset=4", "2 1", false)]
    [InlineData("limit=2&offset=3&order=asc", "4 5", true)]
    [InlineData("offset=6", "", false)]
    [InlineData("limit=1000", "6 5 4 3 2 1", false)]
    public async Task Pages_say_whether_there_is_more(string query, string seconds, bool hasNext)
    {
        var page = (await _host.GetAsync($"{Path}?{query}")).Json;

        Assert.Equal((seconds, hasNext), (SecondsOf(page), (bool)page["has_next"]!));
    }

    [Theory]
    [InlineData("limit=x", "limit")]
    [InlineData("offset=-1", "offset")]
    [InlineData("order=when", "order")]
    [InlineData("types=a%00", "types")]
    [InlineData("instance_ids=%00", "instance_ids")]
    public async Task A_parameter_that_makes_no_sense_is_named(string query, string field)
    {
        var answer = await _host.GetAsync($"{Path}?{query}");

        Assert.Equal((400, "invalid_argument", field), (answer.Status, answer.Code, (string?)Assert.Single(answer.Json["fields"]!.AsArray())!["field"]));
    }

    [Fact]
    public async Task A_key_sees_what_happened_to_its_owners_instances_also_to_deleted_ones_and_a_label_limited_one_only_to_those_that_are_there()
    {
        await _host.AddKeyAsync("oi_bob", owner: "bob", scopes: "view");
        await _host.AddKeyAsync("oi_team", scopes: "view", labels: None.Add("team", "bob"));

        _host.Use("oi_bob");
        Assert.Equal("6 4 3", SecondsOf((await _host.GetAsync(Path)).Json));
        Assert.Equal("", SecondsOf((await _host.GetAsync($"{Path}?instance_ids={Alices}")).Json));
        _host.Use("oi_team");
        Assert.Equal("4 3", SecondsOf((await _host.GetAsync(Path)).Json));
        Assert.Equal("", SecondsOf((await _host.GetAsync($"{Path}?instance_ids={Alices}&instance_ids={Gone}")).Json));
    }

    private Task AddAsync(string id, string owner, InstanceStatus status, params (int Second, string Type)[] events)
    {
        var spec = new InstanceSpec { Command = ["/bin/cat"], Labels = None.Add("team", owner) };
        return _host.AddAsync(
            Given.Instance(status, Guid.Parse(id), spec) with { Owner = owner },
            [.. events.Select((happened, i) => new InstanceEvent(
                Guid.Parse(id),
                i + 1,
                happened.Type,
                Given.Created.AddSeconds(happened.Second),
                1,
                happened.Type + ".",
                happened.Type == "exited" ? None.Add("node", "n1").Add("exit_code", "137").Add("signal", "SIGKILL") : None))]);
    }

    private static string SecondsOf(JsonNode page) => string.Join(' ', page["events"]!.AsArray().Select(happened => ((DateTime)happened!["when"]!).Second));
}
