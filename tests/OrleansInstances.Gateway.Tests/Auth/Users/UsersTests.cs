using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.Tests.Auth.Users;

public sealed class UsersTests : IAsyncLifetime
{
    private const string Path = "/api/users";
    private const string Ann = """{"id":1,"name":"ann","administrator":false,"created_at":1773482400}""";
    private const string NoSuchUser = """{"error":"There is no such user.","code":"not_found"}""";

    private readonly GatewayHost _host = new();

    public async Task InitializeAsync() => await _host.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_user_is_made_shown_changed_and_removed_and_the_password_is_never_told()
    {
        var created = await CreateAsync("ann");
        Assert.Equal((201, Ann), (created.Status, created.Body));
        Assert.Equal($"[{Ann}]", (await _host.GetAsync(Path)).Body);
        Assert.Equal(Ann, (await _host.GetAsync($"{Path}/1")).Body);

        var changed = await _host.SendAsync(HttpMethod.Patch, $"{Path}/1", """{"administrator":true}""");
        Assert.Equal((200, Ann.Replace("false", "true", StringComparison.Ordinal)), (changed.Status, changed.Body));
        Assert.NotNull(await LogInAsync("correct horse"));

        Assert.Equal(204, (await _host.SendAsync(HttpMethod.Delete, $"{Path}/1")).Status);
        Assert.Equal("[]", (await _host.GetAsync(Path)).Body);
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        await CreateAsync("ann");

        var again = await CreateAsync("ann");

        Assert.Equal((409, """{"error":"There is a user of this name.","code":"name_taken"}"""), (again.Status, again.Body));
        Assert.Equal(201, (await CreateAsync("Ann")).Status);
    }

    [Theory]
    [InlineData("""{"password":"correct horse"}""", "name must be 1 to 128")]
    [InlineData("""{"name":"a\u0007","password":"correct horse"}""", "name must be 1 to 128")]
    [InlineData("""{"name":"ann"}""", "password must be 8 to 256")]
    [InlineData("""{"name":"ann","password":"1234567"}""", "password must be 8 to 256")]
    [InlineData("""{"name":"ann","password":"correct horse","administrator":"yes"}""", "\"administrator\" has the wrong type")]
    public async Task What_makes_no_user_is_422(string body, string error)
    {
        var answer = await _host.PostAsync(Path, body);

        Assert.Equal(422, answer.Status);
        Assert.StartsWith(error, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"bob"}""")]
    [InlineData("""{"password":"1234567"}""")]
    public async Task What_can_not_be_changed_is_422(string body)
    {
        await CreateAsync("ann");

        Assert.Equal(422, (await _host.SendAsync(HttpMethod.Patch, $"{Path}/1", body)).Status);
    }

    [Theory]
    [InlineData("GET", "/api/users/7", null)]
    [InlineData("PATCH", "/api/users/7", "{}")]
    [InlineData("DELETE", "/api/users/7", null)]
    [InlineData("GET", "/api/users/7/permissions", null)]
    public async Task Who_is_not_there_is_404(string method, string path, string? body)
    {
        var answer = await _host.SendAsync(new HttpMethod(method), path, body);

        Assert.Equal((404, NoSuchUser), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task A_changed_password_ends_the_sessions_of_its_user_at_once_and_no_others()
    {
        await CreateAsync("ann");
        await CreateAsync("bob");
        var session = await LogInAsync("correct horse");
        var bobs = await _host.Service<UserLogin>().LogInAsync("bob", "correct horse", default);
        Assert.NotNull(await CallerAsync(session));

        await _host.SendAsync(HttpMethod.Patch, $"{Path}/1", """{"password":"battery staple"}""");

        Assert.Null(await CallerAsync(session));
        Assert.NotNull(await CallerAsync(bobs));
        Assert.Null(await LogInAsync("correct horse"));
        Assert.NotNull(await LogInAsync("battery staple"));
    }

    [Fact]
    public async Task A_removed_users_sessions_are_over()
    {
        await CreateAsync("ann");
        var session = await LogInAsync("correct horse");

        await _host.SendAsync(HttpMethod.Delete, $"{Path}/1");

        Assert.Null(await CallerAsync(session));
    }

    [Fact]
    public async Task Permissions_are_set_by_any_name_of_an_instance_and_count_at_once()
    {
        await CreateAsync("ann");
        await _host.AddAsync(Given.Instance(id: Given.Id));
        var session = await LogInAsync("correct horse");
        const string granted = """{"instance":"0f8fad5b-d9cb-469f-a165-70867728950e","number":1,"permissions":["view","start_stop","remove_files"]}""";

        var set = await PermitAsync("1", """["remove_files","start_stop","view"]""");

        Assert.Equal((200, granted), (set.Status, set.Body));
        Assert.Equal($"[{granted}]", (await _host.GetAsync($"{Path}/1/permissions")).Body);
        Assert.Equal(261, (int)(await CallerAsync(session))!.PermissionsOn(Given.Id));

        Assert.Equal(200, (await PermitAsync($"{Given.Id}", "[]")).Status);
        Assert.Equal("[]", (await _host.GetAsync($"{Path}/1/permissions")).Body);
        Assert.Equal(0, (int)(await CallerAsync(session))!.PermissionsOn(Given.Id));
    }

    [Fact]
    public async Task Permissions_on_what_is_deleted_can_be_taken_away_but_not_given()
    {
        await CreateAsync("ann");
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        await PermitAsync("1", """["view"]""");
        instance.Snapshot = null;

        Assert.Equal((404, "not_found"), await PermitAsync("1", """["view"]""") is var given ? (given.Status, given.Code!) : default);
        Assert.Equal(200, (await PermitAsync("1", "[]")).Status);
    }

    [Theory]
    [InlineData("""["fly"]""", "permissions: \"fly\" is not one of view, console,")]
    [InlineData("""[null]""", "permissions: \"\" is not one of")]
    [InlineData("null", "permissions must be an array of")]
    public async Task Words_that_are_no_permissions_are_422(string words, string error)
    {
        await CreateAsync("ann");

        var answer = await PermitAsync("1", words);

        Assert.Equal(422, answer.Status);
        Assert.StartsWith(error, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_given_permissions_who_is_not_there()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        var answer = await PermitAsync("1", """["view"]""");

        Assert.Equal((404, NoSuchUser), (answer.Status, answer.Body));
    }

    private Task<Answer> CreateAsync(string name) => _host.PostAsync(Path, $$"""{"name":"{{name}}","password":"correct horse"}""");

    private Task<Answer> PermitAsync(string instance, string words) =>
        _host.SendAsync(HttpMethod.Put, $"{Path}/1/permissions/{instance}", $$"""{"permissions":{{words}}}""");

    private Task<string?> LogInAsync(string password) => _host.Service<UserLogin>().LogInAsync("ann", password, default);

    private Task<Caller?> CallerAsync(string? session) => _host.Service<KeyRing>().FindAsync(ApiKey.Hash(session!), default);
}
