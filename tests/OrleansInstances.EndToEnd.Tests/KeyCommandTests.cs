using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Keys made beside the silo, by whoever may write its data folder.</summary>
public sealed class KeyCommandTests
{
    [Fact]
    public async Task A_key_made_beside_a_running_silo_opens_it_and_is_all_that_is_printed()
    {
        await using var silo = await RunningSilo.StartNewAsync();

        var (exit, output, _) = await RunAsync(silo, "new", "--name", "ci", "--scopes", "view,console", "--owner", "alice", "--expires-days", "7");

        Assert.Equal(0, exit);
        Assert.Matches(@"\Aoi_[A-Za-z0-9_-]{43}\n\z", output);
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(silo, "/api/instances", output.Trim()));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(silo, "/api/keys", output.Trim()));
        var key = JsonNode.Parse(await silo.Http.GetStringAsync("/api/keys"))!.AsArray().Single()!;
        Assert.Equal(("ci", "view console", "alice"), ((string)key["name"]!, string.Join(' ', key["scopes"]!.AsArray().Select(word => (string)word!)), (string)key["owner"]!));
        Assert.Equal(7 * 86_400, (long)key["expires_at"]! - (long)key["created_at"]!);
    }

    [Fact]
    public async Task A_key_made_before_the_first_start_is_the_administrators_and_no_other_is_made()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_API_KEY"] = "";
        Directory.Delete(silo.Data);

        var (exit, output, _) = await RunAsync(silo, "new");
        Assert.Equal(0, exit);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(silo.Data));
        await silo.StartAsync();

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(silo, "/api/keys", output.Trim()));
        Assert.False(File.Exists(Path.Combine(silo.Data, "first-keys.env")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("old")]
    [InlineData("new --name")]
    [InlineData("new --what x")]
    [InlineData("new --name a --name b")]
    [InlineData("new --expires-days 0")]
    [InlineData("new --expires-days soon")]
    [InlineData("new --scopes root")]
    [InlineData("new --scopes admin --owner alice")]
    public async Task Wrong_arguments_are_told_on_stderr_and_make_nothing(string arguments)
    {
        var data = Path.Combine(Path.GetTempPath(), $"oi-e2e-{Guid.NewGuid()}");

        var (exit, output, errors) = await RunAsync(data, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains("usage: key new", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_used_is_told_in_one_line()
    {
        var (exit, output, errors) = await RunAsync("/proc/nowhere", "new");

        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith("The data folder /proc/nowhere can't be used", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static Task<HttpStatusCode> StatusOfAsync(RunningSilo silo, string path, string key) => Eventually.Get(
        "the keys to be read",
        async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-API-Key", key);
            using var response = await silo.Http.SendAsync(request);
            return response.StatusCode;
        },
        status => status != HttpStatusCode.ServiceUnavailable);

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(RunningSilo silo, params string[] arguments) =>
        await RunAsync(silo.Data, await silo.DatabaseAsync(), arguments);

    private static Task<(int Exit, string Output, string Errors)> RunAsync(string data, params string[] arguments) =>
        RunAsync(data, database: null, arguments);

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string data, string? database, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrleansInstances.Gateway.dll"), "key", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OI_DATA"] = data;
        start.Environment[RunningSilo.Database] = database ?? "";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
