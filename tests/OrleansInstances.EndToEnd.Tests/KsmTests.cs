using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>A real process, driven by its number through the ksm dialect, and seen through the other at the same time.</summary>
public sealed class KsmTests : IAsyncLifetime
{
    private const string Password = "the engine's password";

    private readonly RunningSilo _silo = new() { Settings = { ["OI_KSM_PASSWORD"] = Password } };

    public Task InitializeAsync() => _silo.StartAsync();

    public async Task DisposeAsync() => await _silo.DisposeAsync();

    [Fact]
    public async Task A_cat_is_sent_lines_read_stopped_and_started_in_both_dialects()
    {
        var cat = await _silo.CreateAsync("/bin/cat");
        await _silo.WaitForStateAsync(cat, "running");
        var number = (int)cat["number"]!;

        Assert.Equal((200, "Message has been sent."), await TellAsync("server_send", number, "hello", "two words"));
        await Eventually.Get("the echo", () => OutputAsync(number), lines => lines is ["hello\n", "two words\n"]);
        Assert.Equal((500, "Server is already started"), await TellAsync("start_server", number));

        Assert.Equal((200, "Server has been successfully stopped."), await TellAsync("stop_server", number));
        Assert.Equal("stopped", (string?)(await _silo.GetAsync(cat))["state"]);
        Assert.Equal(1, await StateAsync(number));
        Assert.Empty(await OutputAsync(number));
        Assert.Equal("hello\ntwo words\n", await _silo.OutputOfAsync(cat));
        Assert.Equal((500, "Server is not started"), await TellAsync("stop_server", number));
        Assert.Equal((500, "Server is not started"), await TellAsync("server_send", number, "anyone?"));

        var started = await _silo.DoAsync(cat, "start");
        Assert.Equal(("running", 2), ((string?)started["state"], (int?)started["epoch"]));
        Assert.Equal(2, await StateAsync(number));
        Assert.Equal((200, "Message has been sent."), await TellAsync("server_send", number, "again"));
        await Eventually.Get("the echo of the second run", () => OutputAsync(number), lines => lines is ["again\n"]);

        Assert.Equal("restarted", (string?)(await _silo.DoAsync(cat, "restart"))["status"]);
        Assert.Equal(3, (int?)(await _silo.GetAsync(cat))["epoch"]);
        Assert.Empty(await OutputAsync(number));

        Assert.Equal((200, "Server has been successfully stopped."), await TellAsync("call/server_stop", number));
        Assert.Equal((200, "Server has been successfully started."), await TellAsync("call/server_start", number));
        Assert.Equal(4, (int?)(await _silo.GetAsync(cat))["epoch"]);
    }

    [Fact]
    public async Task A_program_that_ended_by_itself_leaves_its_last_words()
    {
        var brief = await _silo.CreateAsync("/bin/sh", "-c", "echo whole; printf half");
        await _silo.WaitForStateAsync(brief, "stopped");

        Assert.Equal(["whole\n", "half"], await OutputAsync((int)brief["number"]!));
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_is_a_problem_and_nothing_waits_for_it()
    {
        var broken = await _silo.CreateAsync(new { command = new[] { "/no/such/program" }, start = false });

        Assert.Equal((500, "There is a problem running instance!"), await TellAsync("start_server", (int)broken["number"]!));
        Assert.Equal("failed", (string?)(await _silo.GetAsync(broken))["state"]);
    }

    [Fact]
    public async Task A_program_that_does_not_read_takes_what_fits()
    {
        var deaf = await _silo.CreateAsync("/bin/sleep", "1000");
        await _silo.WaitForStateAsync(deaf, "running");

        var (status, message) = await TellAsync("server_send", (int)deaf["number"]!, new string('x', 500_000));

        Assert.Equal(429, status);
        Assert.Matches(@"^Server does not read its input: [1-9]\d+ of 500001 bytes were taken\.$", message);
    }

    [Fact]
    public async Task A_user_logs_in_and_has_what_it_was_granted_at_once()
    {
        var mine = await _silo.CreateAsync("/bin/cat");
        var other = await _silo.CreateAsync("/bin/cat");
        await _silo.WaitForStateAsync(mine, "running");
        using var made = await _silo.Http.PostAsJsonAsync("/api/users", new { name = "ann", password = "correct horse" });
        var user = (await made.Content.ReadFromJsonAsync<JsonNode>())!["id"];
        var login = await PostAsync("/api/user/authorization/", new { password = Password, user_data = new { name = "ann", password = "correct horse" } });
        var key = (string)login["user_data"]!["key"]!;
        Assert.Equal((403, "Forbidden!"), await TellAsync(key, "get_output", (int)mine["number"]!));

        using var granted = await _silo.Http.PutAsJsonAsync($"/api/users/{user}/permissions/{mine["uuid"]}", new { permissions = new[] { "view", "console" } });
        Assert.Equal(HttpStatusCode.OK, granted.StatusCode);

        var list = await PostAsync("/api/instance/get/", new { password = Password, user_key = key });
        Assert.Equal((int)mine["number"]!, (int)Assert.Single(list["instances"]!.AsArray())!["instance_id"]!);
        Assert.Equal((200, "Message has been sent."), await TellAsync(key, "server_send", (int)mine["number"]!, "hello"));
        Assert.Equal((403, "Forbidden!"), await TellAsync(key, "stop_server", (int)mine["number"]!));
        Assert.Equal((403, "Forbidden!"), await TellAsync(key, "get_output", (int)other["number"]!));
        _silo.Http.DefaultRequestHeaders.Remove("X-API-Key");
        _silo.Http.DefaultRequestHeaders.Add("X-API-Key", key);
        using var elsewhere = await _silo.Http.GetAsync("/api/instances");
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    private Task<(int Status, string Message)> TellAsync(string method, int number, params string[] args) =>
        TellAsync(RunningSilo.Key, method, number, args);

    private async Task<(int Status, string Message)> TellAsync(string key, string method, int number, params string[] args)
    {
        var answer = await AskAsync(key, $"/api/instance/{method}/", number, args);
        return ((int)answer["status"]!, (string)answer["message"]!);
    }

    private async Task<string[]> OutputAsync(int number) =>
        [.. (await AskAsync(RunningSilo.Key, "/api/instance/get_output/", number))["outputs"]!.AsArray().Select(line => (string)line!)];

    private async Task<int> StateAsync(int number) =>
        (int)(await AskAsync(RunningSilo.Key, "/api/instance/get_instance/", number))["instance_data"]!["instance_state"]!;

    private Task<JsonNode> AskAsync(string key, string path, int number, params string[] args) =>
        PostAsync(path, new { password = Password, user_key = key, instance_data = new { instance_id = number, args } });

    private async Task<JsonNode> PostAsync(string path, object body)
    {
        using var response = await _silo.Http.PostAsJsonAsync(path, body);
        Assert.Equal((path, HttpStatusCode.OK), (path, response.StatusCode));
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}
