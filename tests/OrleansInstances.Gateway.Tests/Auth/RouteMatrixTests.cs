using System.Collections.Immutable;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Tests.Auth;

/// <summary>Every route × every scope × whose instance it is, against one table.</summary>
public sealed class RouteMatrixTests : IAsyncLifetime
{
    private const string NoSuchInstance = """{"error":"There is no such instance.","code":"not_found"}""";

    private const string NoSuchKoyebInstance = """{"status":404,"code":"not_found","message":"There is no such instance."}""";

    /// <summary>A scope that every key has that is one.</summary>
    private const string AnyKey = "any";

    private static readonly ImmutableDictionary<string, string> TeamA = ImmutableDictionary<string, string>.Empty.Add("team", "a");

    private static readonly Guid Own = Guid.NewGuid();
    private static readonly Guid ForeignOwner = Guid.NewGuid();
    private static readonly Guid ForeignLabels = Guid.NewGuid();
    private static readonly Guid Nothing = Guid.NewGuid();

    /// <summary>A row a route: the scope it takes (null: none), the body it is sent, what it answers when it is let in.</summary>
    private static readonly Route[] Table =
    [
        new("GET /health/live", null, 200),
        new("GET /health/ready", null, 200),
        new("GET /openapi/v1.json", null, 200),
        new("GET /try", null, 200),
        new("GET /try/try.css", null, 200),
        new("GET /try/try.js", null, 200),
        new("GET /api/cluster", "view", 200),
        new("GET /api/nodes", "view", 200),
        new("GET /api/nodes/{name}", "view", 404),
        new("DELETE /api/nodes/{name}", "admin", 404),
        new("POST /api/nodes/{name}/cordon", "admin", 404),
        new("POST /api/nodes/{name}/uncordon", "admin", 404),
        new("POST /api/nodes/{name}/drain", "admin", 404),
        new("GET /api/keys", "admin", 200),
        new("POST /api/keys", "admin", 201, """{"name":"k","scopes":["view"]}"""),
        new("DELETE /api/keys/{id}", "admin", 404),
        new("GET /api/users", "admin", 200),
        new("POST /api/users", "admin", 422, "{}"),
        new("GET /api/users/{id:int}", "admin", 404),
        new("PATCH /api/users/{id:int}", "admin", 404, "{}"),
        new("DELETE /api/users/{id:int}", "admin", 404),
        new("GET /api/users/{id:int}/permissions", "admin", 404),
        new("PUT /api/users/{id:int}/permissions/{instance}", "admin", 404, """{"permissions":[]}"""),
        new("GET /api/chutes/miners", "admin", 200),
        new("GET /api/chutes/miners/{id}", "admin", 404),
        new("PUT /api/chutes/miners/{id}", "admin", 422, "{}"),
        new("DELETE /api/chutes/miners/{id}", "admin", 404),
        new("GET /api/chutes/chutes", "admin", 200),
        new("GET /api/chutes/chutes/{id}", "admin", 404),
        new("PUT /api/chutes/chutes/{id}", "admin", 422, "{}"),
        new("DELETE /api/chutes/chutes/{id}", "admin", 404),
        new("GET /api/chutes/nodes", "admin", 200),
        new("GET /api/chutes/nodes/{id}", "admin", 404),
        new("PUT /api/chutes/nodes/{id}", "admin", 422, "{}"),
        new("DELETE /api/chutes/nodes/{id}", "admin", 404),
        new("GET /api/chutes/jobs", "admin", 200),
        new("GET /api/chutes/jobs/{id}", "admin", 404),
        new("PUT /api/chutes/jobs/{id}", "admin", 422, "{}"),
        new("DELETE /api/chutes/jobs/{id}", "admin", 404),
        new("GET /api/instances", "view", 200),
        new("POST /api/instances", "lifecycle", 201, "{}"),
        new("GET /api/instances/{id}", "view", 200),
        new("PATCH /api/instances/{id}", "lifecycle", 200, """{"name":"new"}"""),
        new("DELETE /api/instances/{id}", "lifecycle", 204),
        new("GET /api/instances/{id}/health", "view", 200),
        new("GET /api/instances/{id}/events", "view", 200),
        new("GET /api/instances/{id}/execs", "view", 200),
        new("POST /api/instances/{id}/start", "lifecycle", 200),
        new("POST /api/instances/{id}/stop", "lifecycle", 200),
        new("POST /api/instances/{id}/kill", "lifecycle", 200),
        new("POST /api/instances/{id}/pause", "lifecycle", 200),
        new("POST /api/instances/{id}/resume", "lifecycle", 200),
        new("POST /api/instances/{id}/restart", "lifecycle", 200),
        new("POST /api/instances/{id}/signal", "lifecycle", 200, """{"signal":"SIGHUP"}"""),
        new("POST /api/instances/{id}/input", "console", 200),
        new("GET /api/instances/{id}/logs", "console", 200),
        new("GET /v1/instances", "view", 200),
        new("GET /v1/instances/{id}", "view", 200),
        new("GET /v1/instance_events", "view", 200),
        new("GET /v1/streams/instances/exec", "exec", 400),
        new("ANY /v1/instances", AnyKey, 405),
        new("ANY /v1/instances/{id}", AnyKey, 405),
        new("ANY /v1/instance_events", AnyKey, 405),
        new("ANY /v1/streams/instances/exec", AnyKey, 405),
        new("ANY /v1/{**path}", AnyKey, 404),
    ];

    private readonly GatewayHost _host = new() { Settings = { ["OI:MAX_KEY_FAILURES_PER_MINUTE"] = "1000000" } };

    public static TheoryData<string> Scopes => ["", "view", "console", "lifecycle", "exec", "admin"];

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        await AddAsync(Own, "alice", TeamA);
        await AddAsync(ForeignOwner, "bob", TeamA);
        await AddAsync(ForeignLabels, "alice", TeamA.SetItem("team", "b"));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public void Every_route_is_in_the_table_and_says_itself_which_key_opens_it()
    {
        var routes = _host.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();

        // A dialect whose keys come elsewhere has its own matrix.
        var byHeader = routes.Where(route => route.Metadata.GetMetadata<RouteAccess>()?.Check != KeyCheck.Route);
        Assert.Equal(Table.Select(route => route.Name).Order(StringComparer.Ordinal), byHeader.Select(NameOf).Order(StringComparer.Ordinal));
        Assert.All(routes, route => Assert.True(route.Metadata.GetMetadata<RouteAccess>() is not null, $"{NameOf(route)} declares no access."));
    }

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task A_route_opens_to_its_scope_and_an_instance_to_whose_it_is(string scope)
    {
        // What the key table can hold at worst: no scope at all.
        var key = scope == "admin" ? GatewayHost.Key : "oi_matrix";
        if (scope != "admin")
        {
            await _host.AddKeyAsync(key, owner: "alice", scopes: scope, labels: TeamA);
        }

        _host.Use(key);
        foreach (var route in Table)
        {
            foreach (var instance in route.IsOfInstance ? [Own, ForeignOwner, ForeignLabels, Nothing] : new[] { Own })
            {
                var answer = await _host.SendAsync(route.Method, route.PathTo(instance), route.Body);

                var expected = Expected(route, scope, instance);
                Assert.True(
                    expected == answer.Status,
                    $"{route.Name} with scope \"{scope}\" on {WhichOf(instance)}: {answer.Status} {answer.Body}, not {expected}");
                if (route.IsOfInstance && answer.Status == 404)
                {
                    Assert.Equal(route.IsKoyeb ? NoSuchKoyebInstance : NoSuchInstance, answer.Body);
                }

                if (answer.Status == 403)
                {
                    Assert.Equal(route.IsKoyeb ? "forbidden" : "scope_missing", answer.Code);
                }
            }
        }

        Assert.DoesNotContain(_host.Grains.Instances, instance => scope != "admin" && instance.Id != Own && instance.Id != Nothing && !instance.Calls.IsEmpty && !instance.Calls.Contains("create"));
    }

    [Fact]
    public async Task Without_a_key_nothing_opens_but_health_and_the_description()
    {
        _host.Http.DefaultRequestHeaders.Clear();
        foreach (var route in Table)
        {
            Assert.Equal((route.Name, route.Scope is null ? 200 : 401), (route.Name, (await _host.SendAsync(route.Method, route.PathTo(Own), route.Body)).Status));
        }
    }

    private static int Expected(Route route, string scope, Guid instance) => (route, scope) switch
    {
        ({ Scope: null }, _) => route.Allowed,
        (_, "") => StatusCodes.Status401Unauthorized,
        ({ Scope: AnyKey }, _) => route.Allowed,
        (_, "admin") => route.IsOfInstance && instance == Nothing ? StatusCodes.Status404NotFound : route.Allowed,
        _ when route.Scope != scope => StatusCodes.Status403Forbidden,
        _ => route.IsOfInstance && instance != Own ? StatusCodes.Status404NotFound : route.Allowed,
    };

    private static string WhichOf(Guid instance) =>
        instance == Own ? "its own" : instance == ForeignOwner ? "another owner's" : instance == ForeignLabels ? "one of other labels" : "nothing";

    private static string NameOf(RouteEndpoint route) =>
        $"{route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "ANY"} {("/" + route.RoutePattern.RawText!.Trim('/'))}";

    private async Task AddAsync(Guid id, string owner, ImmutableDictionary<string, string> labels)
    {
        var snapshot = Given.Instance(id: id, spec: new InstanceSpec { Command = ["/bin/cat"], Labels = labels }) with { Owner = owner };
        var created = new InstanceEvent(
            id, 1, "created", Given.Created, 0, "Created.", ImmutableDictionary<string, string>.Empty.Add("owner", owner));
        var instance = await _host.AddAsync(snapshot, created);
        instance.On["pause"] = before => Task.FromResult<InstanceReply>(before with { Status = InstanceStatus.Paused });
        _host.Grains.Node("n1").Usages[id] = Given.Usage(id);
    }

    private sealed record Route(string Name, string? Scope, int Allowed, string? Body = null)
    {
        public HttpMethod Method { get; } = Name.StartsWith("ANY ", StringComparison.Ordinal) ? HttpMethod.Put : new(Name.Split(' ')[0]);

        public bool IsKoyeb => Name.Contains(" /v1/", StringComparison.Ordinal);

        /// <summary>Whether it is about one instance, which a key may not see.</summary>
        public bool IsOfInstance => Name.Contains("/api/instances/{id}", StringComparison.Ordinal) || Name == "GET /v1/instances/{id}";

        public string PathTo(Guid instance) => Name.Split(' ')[1]
            .Replace("{id:int}", "1", StringComparison.Ordinal)
            .Replace("{id}", instance.ToString(), StringComparison.Ordinal)
            .Replace("{instance}", instance.ToString(), StringComparison.Ordinal)
            .Replace("{name}", "n1", StringComparison.Ordinal);
    }
}
