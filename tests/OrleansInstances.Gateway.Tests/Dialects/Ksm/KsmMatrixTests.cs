using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

/// <summary>Every route of the dialect × every scope of an API key × whose instance it is, against one table.</summary>
public sealed class KsmMatrixTests : IAsyncLifetime
{
    private const string Team = "team";

    /// <summary>A row a route: the scope it takes (empty: none), and what it answers when it is let in.</summary>
    private static readonly (string Path, string? Scope, int Allowed)[] Table =
    [
        ("/api/instance/start_server", "lifecycle", 200),
        ("/api/instance/stop_server", "lifecycle", 200),
        ("/api/instance/server_send", "console", 200),
        ("/api/instance/get_output", "console", 200),
        ("/api/instance/get_instance", "view", 200),
        ("/api/instance/call/server_start", "lifecycle", 200),
        ("/api/instance/call/server_stop", "lifecycle", 200),
        ("/api/instance/call/server_send", "console", 200),
        ("/api/instance/call/get_output", "console", 200),
        ("/api/instance/call/{method}", "", 404),
    ];

    /// <summary>About no instance: open to whoever has the engine's password, or to all.</summary>
    private static readonly string[] OfNoInstance = ["/api/instance/get", "/api/user/authorization", "/api/pong"];

    private readonly Dictionary<string, int> _numbers = [];
    private readonly KsmHost _host = new() { Gateway = { Settings = { ["OI:MAX_KEY_FAILURES_PER_MINUTE"] = "1000000" } } };

    public static TheoryData<string> Scopes => ["none", "view", "console", "lifecycle", "exec", "admin"];

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        await AddAsync("own", "alice", "a");
        await AddAsync("of another owner", "bob", "a");
        await AddAsync("of other labels", "alice", "b");
        _numbers["nothing"] = 1000;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void Every_route_is_in_the_table()
    {
        var routes = _host.Gateway.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => route.Metadata.GetMetadata<RouteAccess>()?.Check == KeyCheck.Route
                && route.Metadata.GetMetadata<HttpMethodMetadata>() is not null)
            .Select(route => "/" + route.RoutePattern.RawText!.Trim('/'))
            .Where(path => path.StartsWith("/api/", StringComparison.Ordinal));

        Assert.Equal(Table.Select(row => row.Path).Concat(OfNoInstance).Order(), routes.Order());
    }

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task A_route_opens_to_its_scope_and_an_instance_to_whose_it_is(string scope)
    {
        var key = scope == "admin" ? GatewayHost.Key : "oi_matrix";
        if (scope != "admin")
        {
            await _host.Gateway.AddKeyAsync(key, owner: "alice", scopes: scope, labels: ImmutableDictionary<string, string>.Empty.Add(Team, "a"));
        }

        foreach (var row in Table)
        {
            foreach (var (which, number) in _numbers)
            {
                var answer = JsonNode.Parse(await _host.AskAsync(row.Path, KsmHost.Request(key, number, "line")))!;

                var expected = Expected(row.Scope, row.Allowed, scope, which);
                Assert.True(expected == (int)answer["status"]!, $"{row.Path} with scope {scope} on {which}: {answer.ToJsonString()}, not {expected}");
            }
        }

        var seen = JsonNode.Parse(await _host.AskAsync("/api/instance/get", KsmHost.Request(key)))!["instances"]?.AsArray().Count;
        Assert.Equal(scope switch { "none" => null, "admin" => 3, "view" => 1, _ => 0 }, seen);
    }

    private static int Expected(string? needed, int allowed, string scope, string which) => (scope, which) switch
    {
        // A key without any scope is no key.
        ("none", _) => StatusCodes.Status403Forbidden,
        (_, "nothing") => StatusCodes.Status404NotFound,
        ("admin", _) => allowed,
        (_, not "own") => StatusCodes.Status404NotFound,
        _ when needed is "" || needed == scope => allowed,
        _ => StatusCodes.Status403Forbidden,
    };

    private async Task AddAsync(string which, string owner, string team)
    {
        var spec = new InstanceSpec { Command = ["/bin/cat"], Labels = ImmutableDictionary<string, string>.Empty.Add(Team, team) };
        var instance = await _host.Gateway.AddAsync(Given.Instance(spec: spec) with { Owner = owner });
        _numbers[which] = instance.Snapshot!.Number;
    }
}
