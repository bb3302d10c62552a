using System.Diagnostics;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Tests.Auth;

public sealed class UserLoginTests : IAsyncLifetime
{
    private const string Password = "correct horse";

    private readonly GatewayHost _host = new();

    private StoredUser _user = null!;

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        var user = new StoredUser { Name = "ann", PasswordHash = PasswordHash.Create(Password, iterations: 10), CreatedAt = _host.Time.GetUtcNow() };
        _user = (await _host.Service<IUserTable>().InsertAsync(user, default))!;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_right_password_gives_a_session_for_thirty_days()
    {
        var key = await LogInAsync();

        Assert.Equal(4, Guid.ParseExact(key!, "D").Version);
        var caller = await FindAsync(key!);
        Assert.Equal((_user.Id, "ann", Scopes.None), (caller!.UserId!.Value, caller.Name, caller.Scopes));
        var stored = Assert.Single(await KeysAsync());
        Assert.Equal((_user.Id, "user", _host.Time.GetUtcNow().AddDays(30)), (stored.UserId!.Value, stored.Scopes, stored.ExpiresAt!.Value));
        _host.Time.Advance(TimeSpan.FromDays(30));
        Assert.Null(await FindAsync(key!));
    }

    [Theory]
    [InlineData("ann", "correct horsf")]
    [InlineData("ann", "")]
    [InlineData("Ann", Password)]
    [InlineData("bob", Password)]
    public async Task A_wrong_name_or_password_gives_none(string name, string password)
    {
        Assert.Null(await LogInAsync(name, password));

        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task A_wrong_name_is_hashed_as_dearly_as_a_wrong_password()
    {
        Assert.Equal(PasswordHash.Create(Password).Split('$')[..2], PasswordHash.OfNobody.Split('$')[..2]);

        var fastest = await FastestAsync(() => LogInAsync("bob", "correct horsf"));

        // The look-up alone takes a fraction of a millisecond, and no processor does all iterations in so little time.
        Assert.True(fastest > TimeSpan.FromMilliseconds(20), $"A wrong name took {fastest.TotalMilliseconds} ms.");
    }

    [Fact]
    public async Task One_session_too_many_ends_the_oldest()
    {
        var sessions = new List<string>();
        for (var i = 0; i < UserLogin.MaxSessions + 1; i++)
        {
            sessions.Add((await LogInAsync())!);
            _host.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Null(await FindAsync(sessions[0]));
        Assert.NotNull(await FindAsync(sessions[1]));
        Assert.NotNull(await FindAsync(sessions[^1]));
        Assert.Equal(UserLogin.MaxSessions, (await KeysAsync()).Count);
    }

    [Fact]
    public async Task A_session_opens_no_route_of_the_api()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/instances");
        _host.Http.DefaultRequestHeaders.Clear();
        request.Headers.Add("X-API-Key", await LogInAsync());

        Assert.Equal((401, "invalid_key"), await _host.SendAsync(request) is var answer ? (answer.Status, answer.Code!) : default);
    }

    /// <summary>The least of several, which the machine's other work disturbs least.</summary>
    private static async Task<TimeSpan> FastestAsync(Func<Task> work)
    {
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 4; i++)
        {
            var clock = Stopwatch.StartNew();
            await work();
            fastest = clock.Elapsed < fastest ? clock.Elapsed : fastest;
        }

        return fastest;
    }

    private Task<string?> LogInAsync(string name = "ann", string password = Password) =>
        _host.Service<UserLogin>().LogInAsync(name, password, default);

    private Task<Caller?> FindAsync(string key) => _host.Service<KeyRing>().FindAsync(ApiKey.Hash(key), default);

    private Task<IReadOnlyList<StoredKey>> KeysAsync() => _host.Service<IKeyTable>().ListAsync(default);
}
