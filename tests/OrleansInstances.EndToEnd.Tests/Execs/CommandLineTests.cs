using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Execs;

/// <summary><c>oi exec</c> as a program of its own, with pipes and in a terminal.</summary>
public sealed class CommandLineTests(SharedSilo shared) : IClassFixture<SharedSilo>, IAsyncLifetime
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "oi.dll");

    private JsonNode _instance = null!;

    private RunningSilo Silo => shared.Silo;

    private string Url => Silo.Http.BaseAddress!.ToString();

    public async Task InitializeAsync()
    {
        _instance = await Silo.CreateAsync("sleep", "1000");
        await Silo.WaitForStateAsync(_instance, "running");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Bytes_and_exit_code_pass_through_pipes()
    {
        var data = RandomNumberGenerator.GetBytes(300_000);

        var (code, output, errors) = await RunAsync(RunningSilo.Key, data, Url, "sh", "-c", "cat; echo wrong >&2; exit 7");

        Assert.Equal((7, "wrong\n"), (code, errors));
        Assert.True(data.AsSpan().SequenceEqual(output));
    }

    [Theory]
    [InlineData(RunningSilo.Key, 127, "no-such-program", "no-such-program")]
    [InlineData("oi_nobodys", 255, "does not know the key", "true")]
    public async Task What_went_wrong_is_told(string key, int expected, string told, string program)
    {
        var (code, _, errors) = await RunAsync(key, [], Url, program);

        Assert.Equal(expected, code);
        Assert.Contains(told, errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere", "no address of a gateway", 1)]
    [InlineData("http://127.0.0.1:1", "127.0.0.1:1", 255)]
    public async Task So_is_an_address_where_nobody_is(string url, string told, int expected)
    {
        var (code, _, errors) = await RunAsync(RunningSilo.Key, [], url, "true");

        Assert.Equal(expected, code);
        Assert.Contains(told, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_terminal_it_is_one_there_too_that_follows_its_size()
    {
        // The terminal that it is started in is itself that of a command.
        await using var outer = await ExecSocket.OpenTerminalAsync(
            Silo, _instance, "env", "DOTNET_ROOT=" + Path.GetDirectoryName(Environment.ProcessPath), "DOTNET_CLI_HOME=/tmp", Environment.ProcessPath!, Program,
            "exec", "--url", Url, "--key", RunningSilo.Key, (string)_instance["number"]!.ToJsonString(), "--", "bash", "--norc", "-i");
        await outer.TypeAsync("PS1=rea''dy\\>' '\n");
        await outer.UntilAsync("ready> ");

        await outer.TypeAsync("stty size\n");
        await outer.UntilAsync("24 80");
        await outer.ResizeAsync(132, 43);
        await outer.TypeAsync("until [ \"$(stty size)\" = '43 132' ]; do sleep 0.05; done; echo fol''lowed\n");
        await outer.UntilAsync("followed");
        await outer.UntilAsync("ready> ");
        await outer.TypeAsync("sleep 100\n");
        await Eventually.Holds("the sleep", () => ProcessTable.OfInstance((string)_instance["uuid"]!).Any(pid => ProcessTable.NameOf(pid) == "sleep" && ProcessTable.EnvironmentOf(pid).Contains("OI_EXEC_ID", StringComparison.Ordinal)));
        await outer.TypeAsync("\u0003");
        await outer.UntilAsync("ready> ");
        await outer.TypeAsync("exit 3\n");

        var code = await outer.ExitAsync();
        Assert.True(code == 3, $"It ended with {code}: {outer.Text}");
    }

    private async Task<(int Code, byte[] Output, string Errors)> RunAsync(string key, byte[] input, string url, params string[] command)
    {
        string[] arguments = [Program, "exec", (string)_instance["uuid"]!, "--", .. command];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OI_URL"] = url;
        start.Environment["OI_API_KEY"] = key;
        using var oi = Process.Start(start)!;
        var output = new MemoryStream();
        var reading = oi.StandardOutput.BaseStream.CopyToAsync(output);
        var errors = oi.StandardError.ReadToEndAsync();
        try
        {
            await oi.StandardInput.BaseStream.WriteAsync(input);
            oi.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading.
        }

        await reading;
        await oi.WaitForExitAsync();
        return (oi.ExitCode, output.ToArray(), await errors);
    }
}
