using Microsoft.Extensions.Options;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Tests.Auth;

public sealed class FirstKeysTests
{
    [Fact]
    public async Task Without_any_key_the_first_start_makes_one_for_its_user_only_and_logs_where()
    {
        await using var host = new GatewayHost { Settings = { ["OI:API_KEY"] = null } };
        await host.StartAsync();

        var file = Path.Combine(host.DataFolder, "first-keys.env");
        var lines = await File.ReadAllLinesAsync(file);
        Assert.Matches("^OI_API_KEY=oi_[A-Za-z0-9_-]{43}$", lines[0]);
        Assert.Matches("^OI_KSM_PASSWORD=[A-Za-z0-9_-]{43}$", lines[1]);
        Assert.Equal(2, lines.Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        var key = lines[0].Split('=')[1];
        var password = lines[1].Split('=')[1];
        Assert.Contains(file, host.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(key, host.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(password, host.Log.Text, StringComparison.Ordinal);

        host.Http.DefaultRequestHeaders.Clear();
        host.Http.DefaultRequestHeaders.Add("X-API-Key", key);
        Assert.Equal(200, (await host.GetAsync("/api/instances")).Status);
        host.Http.DefaultRequestHeaders.Clear();
        host.Http.DefaultRequestHeaders.Add("X-API-Key", password);
        Assert.Equal(401, (await host.GetAsync("/api/instances")).Status);
    }

    [Fact]
    public async Task With_a_given_key_none_is_made()
    {
        await using var host = await GatewayHost.StartNewAsync();

        Assert.False(File.Exists(Path.Combine(host.DataFolder, "first-keys.env")));
        Assert.Empty(await host.Service<IKeyTable>().ListAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_later_start_keeps_the_keys_of_the_first()
    {
        await using var first = new GatewayHost { Settings = { ["OI:API_KEY"] = null } };
        await first.StartAsync();
        var file = Path.Combine(first.DataFolder, "first-keys.env");
        var keys = await File.ReadAllTextAsync(file);

        await first.StopAsync();
        await first.StartAsync();

        Assert.Equal(keys, await File.ReadAllTextAsync(file));
        first.Http.DefaultRequestHeaders.Clear();
        first.Http.DefaultRequestHeaders.Add("X-API-Key", keys.Split('\n')[0].Split('=')[1]);
        Assert.Equal(200, (await first.GetAsync("/api/instances")).Status);
    }

    [Fact]
    public async Task A_given_ksm_password_is_not_replaced()
    {
        await using var host = new GatewayHost { Settings = { ["OI:API_KEY"] = null, ["OI:KSM_PASSWORD"] = "mine" } };
        await host.StartAsync();

        Assert.DoesNotContain("KSM", await File.ReadAllTextAsync(Path.Combine(host.DataFolder, "first-keys.env")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OI:API_KEY", "with blank", "OI_API_KEY is not a key")]
    [InlineData("OI:KSM_PASSWORD", "", "OI_KSM_PASSWORD is empty")]
    [InlineData("OI:MAX_KEY_FAILURES_PER_MINUTE", "0", "OI_MAX_KEY_FAILURES_PER_MINUTE is 0: it must be 1 to 1000000.")]
    [InlineData("OI:MAX_BODY_BYTES", "12", "OI_MAX_BODY_BYTES is 12: it must be 1024 to 1073741824.")]
    [InlineData("OI:MAX_INPUT_BYTES", "-1", "OI_MAX_INPUT_BYTES is -1: it must be 1024 to 1073741824.")]
    public async Task A_wrong_setting_stops_the_start_and_is_told_with_its_rule(string setting, string value, string message)
    {
        await using var host = new GatewayHost { Settings = { [setting] = value } };

        var error = await Assert.ThrowsAsync<OptionsValidationException>(host.StartAsync);

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("with blank", error.Message, StringComparison.Ordinal);
    }
}
