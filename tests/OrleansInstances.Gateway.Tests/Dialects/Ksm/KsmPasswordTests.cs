using System.Text;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

/// <summary>Where the engine's password comes from, and what becomes of those who guess.</summary>
public sealed class KsmPasswordTests : IAsyncLifetime
{
    private const string Stored = "stored-password";
    private const string Unavailable = """{"status":503,"message":"The database can't be used now; the log says why."}""";

    private readonly KsmHost _host = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task The_first_start_makes_one_and_it_opens()
    {
        _host.Gateway.Settings.Clear();
        await _host.StartAsync();
        var keys = (await File.ReadAllLinesAsync(Path.Combine(_host.Gateway.DataFolder, "first-keys.env"))).Select(line => line.Split('=', 2)).ToDictionary(line => line[0], line => line[1]);
        var request = KsmHost.Request(keys["OI_API_KEY"]);

        request["password"] = keys["OI_KSM_PASSWORD"];
        Assert.Equal("""{"status":200,"instances":[]}""", await _host.AskAsync("/api/instance/get/", request));

        request["password"] = keys["OI_API_KEY"];
        Assert.Equal(KsmHost.Forbidden, await _host.AskAsync("/api/instance/get/", request));
    }

    [Fact]
    public async Task A_stored_one_closes_within_half_a_minute_of_its_revocation()
    {
        await StartWithStoredAsync();
        Assert.NotEqual(KsmHost.Forbidden, await TryAsync(Stored));
        var keys = _host.Gateway.Service<IKeyTable>();
        await keys.RevokeAsync((await keys.ListAsync(CancellationToken.None)).Single().Id, CancellationToken.None);

        _host.Gateway.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(KsmHost.Forbidden, await TryAsync(Stored));
    }

    [Fact]
    public async Task A_stored_one_that_was_good_is_known_without_asking_again()
    {
        await StartWithStoredAsync();
        Assert.NotEqual(KsmHost.Forbidden, await TryAsync(Stored));
        var lookUps = _host.Gateway.KeyTable.LookUps;

        _host.Gateway.Time.Advance(TimeSpan.FromSeconds(29));

        Assert.NotEqual(KsmHost.Forbidden, await TryAsync(Stored));
        Assert.Equal(lookUps, _host.Gateway.KeyTable.LookUps);
        Assert.Equal(KsmHost.Forbidden, await TryAsync(Stored + "x"));
    }

    [Fact]
    public async Task While_the_table_is_away_a_stored_one_is_good_for_ten_minutes_more_and_others_are_not_known()
    {
        await StartWithStoredAsync();
        Assert.NotEqual(KsmHost.Forbidden, await TryAsync(Stored));
        _host.Gateway.KeyTable.Away = true;

        _host.Gateway.Time.Advance(TimeSpan.FromMinutes(9.9));
        Assert.Equal("""{"status":200,"instances":[]}""", await TryAsync(Stored));
        Assert.Equal(Unavailable, await TryAsync("wrong"));

        _host.Gateway.Time.Advance(TimeSpan.FromMinutes(0.1));
        Assert.Equal(Unavailable, await TryAsync(Stored));
    }

    [Fact]
    public async Task A_table_that_hangs_is_away_too_and_nothing_was_done()
    {
        await StartWithStoredAsync();
        var hold = new TaskCompletionSource();
        _host.Gateway.KeyTable.Hold = hold.Task;

        var answer = TryAsync(Stored);
        await _host.Gateway.PassTimeUntilAsync("the request to be given up", () => answer.IsCompleted);

        Assert.Equal(Unavailable, await answer);
        hold.SetResult();
    }

    [Fact]
    public async Task The_setting_takes_the_place_of_a_stored_one()
    {
        await _host.StartAsync();
        await StoreAsync();

        Assert.Equal(KsmHost.Forbidden, await TryAsync(Stored));
        Assert.NotEqual(KsmHost.Forbidden, await TryAsync(KsmHost.Password));
    }

    [Fact]
    public async Task Two_thousand_failures_are_told_to_slow_down_while_another_address_and_good_keys_go_on()
    {
        await _host.StartAsync();
        await _host.Gateway.AddAsync(Given.Instance(id: Given.Id));
        var wrong = KsmHost.Request("wrong").ToJsonString();
        using var stranger = _host.ClientFrom("127.0.0.9");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            var told = new List<string>();
            for (var i = 0; i < 100; i++)
            {
                told.Add(await PostAsync(stranger, wrong));
            }

            return told;
        }));

        var counts = answers.SelectMany(told => told).GroupBy(body => body).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(
            new Dictionary<string, int> { [KsmHost.Forbidden] = 30, ["""{"status":429,"message":"Too many attempts!"}"""] = 1970 },
            counts);
        Assert.Equal(KsmHost.Forbidden, await PostAsync(_host.Gateway.Http, wrong));
        Assert.Contains("\"status\":200,", await PostAsync(stranger, KsmHost.Request().ToJsonString()), StringComparison.Ordinal);

        _host.Gateway.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(KsmHost.Forbidden, await PostAsync(stranger, wrong));
    }

    [Fact]
    public async Task Wrong_passwords_count_too()
    {
        _host.Gateway.Settings["OI:MAX_KEY_FAILURES_PER_MINUTE"] = "1";
        await _host.StartAsync();

        Assert.Equal(KsmHost.Forbidden, await TryAsync("wrong"));
        Assert.Equal("""{"status":429,"message":"Too many attempts!"}""", await TryAsync("wrong"));
    }

    [Fact]
    public async Task No_secret_is_ever_logged()
    {
        await _host.StartAsync();
        await TryAsync(KsmHost.Password);
        await TryAsync("a-wrong-password");

        Assert.All([KsmHost.Password, "a-wrong-password", GatewayHost.Key], secret => Assert.DoesNotContain(secret, _host.Gateway.Log.Text, StringComparison.Ordinal));
    }

    private async Task StartWithStoredAsync()
    {
        _host.Gateway.Settings.Remove("OI:KSM_PASSWORD");
        await _host.StartAsync();
        await StoreAsync();
    }

    private Task StoreAsync() => _host.AddKeyAsync(new StoredKey
    {
        Id = Guid.NewGuid(),
        Name = "ksm password",
        Hash = KsmHost.HashOf(Stored),
        Scopes = "ksm",
        CreatedAt = Given.Created,
    });

    private Task<string> TryAsync(string password)
    {
        var request = KsmHost.Request();
        request["password"] = password;
        return _host.AskAsync("/api/instance/get/", request);
    }

    private static async Task<string> PostAsync(HttpClient client, string body)
    {
        using var response = await client.PostAsync("/api/instance/get_instance/", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(200, (int)response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }
}
