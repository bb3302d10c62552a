using OrleansInstances.Gateway.Auth;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Tests.Auth;

public sealed class KeyRingTests : IAsyncLifetime
{
    private const string Key = "oi_alice";

    private readonly GatewayHost _host = new();

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        await _host.AddKeyAsync(Key, scopes: "view", expiresAt: _host.Time.GetUtcNow().AddHours(1));
        _host.Use(Key);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_key_is_looked_up_once_in_half_a_minute()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, await StatusAsync());
        }

        Assert.Equal(1, _host.KeyTable.LookUps);
        _host.Time.Advance(KeyRing.Trust);
        Assert.Equal(200, await StatusAsync());
        Assert.Equal(2, _host.KeyTable.LookUps);
    }

    [Fact]
    public async Task While_the_database_is_away_known_keys_open_for_ten_minutes_and_others_are_503()
    {
        Assert.Equal(200, await StatusAsync());
        await _host.AddKeyAsync("oi_bob", scopes: "view");
        _host.KeyTable.Away = true;

        _host.Time.Advance(KeyRing.Grace - TimeSpan.FromSeconds(1));
        Assert.Equal(200, await StatusAsync());
        Assert.Equal(200, await StatusAsync());
        Assert.Equal(2, _host.KeyTable.LookUps);

        _host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(503, await StatusAsync());
        _host.Use("oi_bob");
        var unknown = await _host.GetAsync("/api/instances");
        Assert.Equal((503, "storage_unavailable"), (unknown.Status, unknown.Code));

        _host.KeyTable.Away = false;
        Assert.Equal(200, await StatusAsync());
    }

    [Fact]
    public async Task A_key_that_expires_while_the_database_is_away_opens_nothing_any_more()
    {
        await _host.AddKeyAsync("oi_brief", scopes: "view", expiresAt: _host.Time.GetUtcNow().AddMinutes(1));
        _host.Use("oi_brief");
        Assert.Equal(200, await StatusAsync());
        _host.KeyTable.Away = true;

        _host.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(503, await StatusAsync());
    }

    [Fact]
    public async Task A_table_that_hangs_is_away_too()
    {
        var hold = new TaskCompletionSource();
        _host.KeyTable.Hold = hold.Task;

        var answer = _host.GetAsync("/api/instances");
        await _host.PassTimeUntilAsync("the request to be given up", () => answer.IsCompleted);

        Assert.Equal((503, "storage_unavailable"), ((await answer).Status, (await answer).Code));
        hold.SetResult();
    }

    [Fact]
    public async Task A_look_up_that_began_before_a_revocation_is_not_remembered_after_it()
    {
        var keys = _host.Service<IKeyTable>();
        var id = (await keys.ListAsync(default)).Single().Id;
        var hold = new TaskCompletionSource();
        _host.KeyTable.Hold = hold.Task;
        var early = _host.GetAsync("/api/instances");
        await Eventually.Holds("the look-up to begin", () => _host.KeyTable.LookUps == 1);

        await keys.RevokeAsync(id, default);
        _host.Service<KeyRing>().Forget();
        hold.SetResult();
        await early;

        Assert.Equal(401, await StatusAsync());
    }

    private async Task<int> StatusAsync() => (await _host.GetAsync("/api/instances")).Status;
}
