using System.Net;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>What an operator sees when the silo starts, can't start, or ends.</summary>
public sealed class StartUpTests
{
    [Fact]
    public async Task Without_a_key_the_first_start_writes_one_for_its_user_only_and_logs_none()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_API_KEY"] = "";
        await silo.StartAsync();

        var file = Path.Combine(silo.Data, "first-keys.env");
        var key = (await File.ReadAllLinesAsync(file)).Single(line => line.StartsWith("OI_API_KEY=", StringComparison.Ordinal))["OI_API_KEY=".Length..];
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.StartsWith("oi_", key, StringComparison.Ordinal);
        await silo.PrintsAsync(file);
        Assert.DoesNotContain(key, silo.Output, StringComparison.Ordinal);

        silo.Http.DefaultRequestHeaders.Remove("X-API-Key");
        Assert.Equal(HttpStatusCode.Unauthorized, (await silo.Http.GetAsync("/api/instances")).StatusCode);
        silo.Http.DefaultRequestHeaders.Add("X-API-Key", key);
        Assert.Equal("[]", await silo.Http.GetStringAsync("/api/instances"));
    }

    [Fact]
    public async Task A_second_silo_on_the_data_folder_is_refused_with_a_clear_message()
    {
        await using var first = await RunningSilo.StartNewAsync();
        await using var second = new RunningSilo(first.Data) { OwnsData = false };
        await second.LaunchAsync();

        Assert.Equal(1, await second.ExitAsync());

        Assert.Contains($"The data folder {first.Data} is in use by another silo", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_refused_with_its_path()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_DATA"] = "/proc/nowhere";
        await silo.LaunchAsync();

        Assert.Equal(1, await silo.ExitAsync());

        Assert.Contains("The data folder /proc/nowhere can't be used", silo.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_refused_with_a_clear_message()
    {
        await using var first = await RunningSilo.StartNewAsync();
        await using var second = new RunningSilo();
        second.Settings["ASPNETCORE_URLS"] = first.Http.BaseAddress!.ToString();
        await second.LaunchAsync();

        Assert.Equal(1, await second.ExitAsync());

        Assert.Contains($"{first.Http.BaseAddress.Port}", second.Output, StringComparison.Ordinal);
        Assert.Contains("in use", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_knows_nothing_of_the_instances_here_is_refused_and_they_run_on()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var instance = await silo.CreateAsync("sleep", "1000");
        await silo.WaitForStateAsync(instance, "running");
        await silo.KillAsync();
        foreach (var file in Directory.GetFiles(silo.Data, "state.db*"))
        {
            File.Delete(file);
        }

        // On PostgreSQL, another database.
        await using var other = new RunningSilo(silo.Data) { OwnsData = false };
        await other.LaunchAsync();

        Assert.Equal(1, await other.ExitAsync());

        Assert.Contains("The data folder holds instances, and this database knows nothing of them", other.Output, StringComparison.Ordinal);
        Assert.Single(ProcessTable.OfInstance((string)instance["uuid"]!));
    }

    [Fact]
    public async Task A_wrong_setting_is_named_with_its_value_and_its_rule()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_MAX_INSTANCES"] = "0";
        await silo.LaunchAsync();

        Assert.Equal(1, await silo.ExitAsync());

        Assert.Contains("OI_MAX_INSTANCES is 0: it must be 1 to 100000.", silo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_silo_and_says_what_keeps_running()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var cat = await silo.CreateAsync("/bin/cat");
        await silo.WaitForStateAsync(cat, "running");

        Assert.Equal(0, await silo.InterruptAsync());

        Assert.Contains("1 instance keeps running; ./dev down stops it", silo.Output, StringComparison.Ordinal);
        Assert.Single(ProcessTable.OfInstance((string)cat["uuid"]!));
    }

    [Fact]
    public async Task A_data_folder_deeper_than_a_socket_path_may_be_works()
    {
        var outer = Directory.CreateTempSubdirectory("oi-e2e-");
        try
        {
            await using var silo = new RunningSilo(Path.Combine(outer.FullName, new string('d', 100), new string('e', 100)));
            await silo.StartAsync();

            var cat = await silo.CreateAsync("/bin/cat");

            await silo.WaitForStateAsync(cat, "running");
        }
        finally
        {
            outer.Delete(recursive: true);
        }
    }
}
