using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Execs;

/// <summary>Commands beside a program, from a websocket to the process.</summary>
public sealed class ExecTests(SharedSilo shared) : IClassFixture<SharedSilo>, IAsyncLifetime
{
    private readonly string _service = $"service-{Guid.NewGuid():N}";
    private JsonNode _instance = null!;

    private RunningSilo Silo => shared.Silo;

    private string Id => (string)_instance["uuid"]!;

    public async Task InitializeAsync()
    {
        _instance = await Silo.CreateAsync(new { command = new[] { "sleep", "1000" }, service_id = _service });
        await Silo.WaitForStateAsync(_instance, "running");
    }

    public async Task DisposeAsync()
    {
        using var gone = await Silo.Http.DeleteAsync($"/api/instances/{Id}");
        Assert.Empty(ProcessTable.OfInstance(Id));
    }

    [Fact]
    public async Task An_interactive_shell_prompts_follows_its_window_and_obeys_ctrl_c_and_ctrl_z()
    {
        await using var shell = await ExecSocket.OpenTerminalAsync(Silo, _instance, "bash", "--norc", "-i");
        await shell.TypeAsync("PS1=rea''dy\\>' '\n");
        await shell.UntilAsync("ready> ");

        await shell.TypeAsync("stty size\n");
        await shell.UntilAsync("24 80");
        await shell.ResizeAsync(132, 43);
        await shell.TypeAsync("stty size\n");
        await shell.UntilAsync("43 132");
        await shell.UntilAsync("ready> ");
        await shell.TypeAsync("sleep 100\n");
        await RunsAsync("sleep");
        await shell.TypeAsync("\u0003");
        await shell.UntilAsync("ready> ");
        await shell.TypeAsync("echo code=$?\n");
        await shell.UntilAsync("code=130");
        await shell.UntilAsync("ready> ");
        await shell.TypeAsync("cat\n");
        await RunsAsync("cat");
        await shell.TypeAsync("one\n");
        await shell.UntilAsync("one\r\none");
        await shell.TypeAsync("\u001a");
        await shell.UntilAsync("Stopped");
        await shell.UntilAsync("ready> ");
        await shell.TypeAsync("fg\n");
        await shell.UntilAsync("cat");
        await shell.TypeAsync("two\n");
        await shell.UntilAsync("two\r\ntwo");
        await shell.TypeAsync("\u0004");
        await shell.UntilAsync("ready> ");
        await shell.TypeAsync("exit 7\n");

        Assert.Equal(7, await shell.ExitAsync());
        Assert.DoesNotContain("job control", shell.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_screen_editor_opens_edits_saves_and_quits()
    {
        await using var vi = await ExecSocket.OpenTerminalAsync(Silo, _instance, "vi", "note.txt");
        await vi.UntilAsync("note.txt");
        await vi.UntilAsync("\u001b[");

        await vi.TypeAsync("ihello from afar");
        await vi.UntilAsync("afar");
        await vi.TypeAsync("\u001b");
        await vi.TypeAsync(":wq\r");

        Assert.Equal(0, await vi.ExitAsync());
        Assert.Equal("hello from afar\n", await File.ReadAllTextAsync(Path.Combine(Silo.FilesOf(_instance), "note.txt")));
    }

    [Fact]
    public async Task A_program_that_redraws_its_screen_runs_until_its_key_is_pressed()
    {
        await using var top = await ExecSocket.OpenTerminalAsync(Silo, _instance, "top", "-d", "0.2");
        await top.UntilAsync("load average");
        await top.UntilAsync("load average");

        await top.TypeAsync("q");

        Assert.Equal(0, await top.ExitAsync());
    }

    [Theory]
    [InlineData(0, "true")]
    [InlineData(7, "sh", "-c", "exit 7")]
    [InlineData(137, "sh", "-c", "kill -9 $$")]
    [InlineData(126, "/etc/passwd")]
    [InlineData(127, "no-such-program")]
    public async Task The_exit_code_comes_last(int code, params string[] command)
    {
        await using var exec = await ExecSocket.OpenAsync(Silo, _instance, command);

        Assert.Equal(code, await exec.ExitAsync());
        if (code is 126 or 127)
        {
            Assert.Contains(command[0], exec.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Both_outputs_and_the_end_of_input_are_told_apart_without_a_terminal()
    {
        await using var exec = await ExecSocket.OpenAsync(Silo, _instance, "sh", "-c", "cat; echo wrong >&2");
        await exec.TypeAsync("one ");
        await exec.SayAsync(new { id = Id, idType = "INSTANCE_ID", body = new { command = new[] { "rm", "-rf", "/" }, stdin = new { data = "dHdv" } } });
        await exec.CloseInputAsync();
        await exec.TypeAsync("too late");

        Assert.Equal(0, await exec.ExitAsync());
        Assert.Equal(("one two", "wrong\n"), (exec.Text, exec.Errors));
    }

    [Fact]
    public async Task A_tree_of_files_goes_up_and_comes_back_byte_by_byte()
    {
        var folder = Directory.CreateTempSubdirectory("oi-tar-");
        var data = RandomNumberGenerator.GetBytes(10_000_000);
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "random"), data);
        var tar = await RunTarAsync(["-C", folder.FullName, "-cf", "-", "random"], []);

        await using (var up = await ExecSocket.OpenAsync(Silo, _instance, "tar", "-xf", "-"))
        {
            foreach (var piece in tar.Chunk(4096))
            {
                await up.WriteAsync(piece);
            }

            await up.CloseInputAsync();
            Assert.Equal(0, await up.ExitAsync());
        }

        await using var down = await ExecSocket.OpenAsync(Silo, _instance, "tar", "-czf", "-", "random");
        Assert.Equal(0, await down.ExitAsync());
        File.Delete(Path.Combine(folder.FullName, "random"));
        await RunTarAsync(["-C", folder.FullName, "-xzf", "-"], down.Stdout);

        var back = await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "random"));
        Assert.True(data.AsSpan().SequenceEqual(back));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_ran_what_and_how_it_ended_are_events_and_open_ones_are_listed()
    {
        await using var exec = await ExecSocket.OpenAsync(Silo, _instance, "sh", "-c", "echo go; read line; exit 3");
        await exec.UntilAsync("go");
        var listed = Assert.Single((await Silo.GetAsync($"/api/instances/{Id}/execs")).AsArray())!;
        await exec.TypeAsync("\n");
        await exec.ExitAsync();

        var events = await Eventually.Get(
            "both events", () => Silo.GetAsync($"/api/instances/{Id}/events?type=exec_started&type=exec_ended"), events => events.AsArray().Count == 2);
        var (started, ended) = (events[0]!, events[1]!);
        Assert.Equal("sh -c echo go; read line; exit 3", (string?)started["metadata"]!["command"]);
        Assert.Equal(((string?)listed["by"], (string?)listed["id"]), ((string?)started["metadata"]!["by"], (string?)started["metadata"]!["exec"]));
        Assert.Equal(((string?)listed["id"], "3"), ((string?)ended["metadata"]!["exec"], (string?)ended["metadata"]!["exit_code"]));
        Assert.Equal((false, "sh"), ((bool)listed["terminal"]!, (string?)listed["command"]![0]));
        Assert.Empty((await Silo.GetAsync($"/api/instances/{Id}/execs")).AsArray());
    }

    [Fact]
    public async Task A_plain_request_runs_it_to_its_end()
    {
        var answer = await Silo.GetAsync($"/v1/streams/instances/exec?id={Id}&body.command=sh&body.command=-c&body.command=cat;+echo+wrong+%3E%262;+exit+4&body.stdin.data=aGVsbG8&body.disableTty=true");

        Assert.Equal("""{"result":{"stdout":{"data":"aGVsbG8=","close":true},"stderr":{"data":"d3JvbmcK","close":true},"exited":true,"exit_code":4}}""", answer.ToJsonString());
    }

    [Fact]
    public async Task A_service_is_any_running_instance_of_it()
    {
        await using var exec = await ExecSocket.ConnectAsync(Silo);
        await exec.SayAsync(new { id = _service, id_type = 2, body = new { command = new[] { "sh", "-c", "echo $OI_INSTANCE_ID" } } });

        Assert.Equal(0, await exec.ExitAsync());
        Assert.Equal($"{Id}\r\n", exec.Text);
    }

    [Fact]
    public async Task The_query_may_say_what_to_run()
    {
        await using var exec = await ExecSocket.ConnectAsync(Silo, $"?id={Id}&body.command=stty&body.command=size&body.tty_size.width=100&body.tty_size.height=30");

        Assert.Equal(0, await exec.ExitAsync());
        Assert.Equal("30 100\r\n", exec.Text);
    }

    [Fact]
    public async Task A_client_that_leaves_takes_its_command_along()
    {
        await using (var exec = await ExecSocket.OpenTerminalAsync(Silo, _instance, "sh", "-c", "trap '' HUP; setsid sleep 1000 & sleep 1000 & echo go; wait"))
        {
            await exec.UntilAsync("go");
            await Eventually.Holds("all three processes", () => OfExec().Count == 3);
        }

        await Eventually.Holds("none of its processes", () => OfExec().Count == 0);
        var ended = await Eventually.Get("its end", () => Silo.GetAsync($"/api/instances/{Id}/events?type=exec_ended"), events => events.AsArray().Count == 1);
        Assert.False(ended[0]!["metadata"]!.AsObject().ContainsKey("exit_code"));
    }

    [Fact]
    public async Task A_client_that_leaves_while_its_command_does_not_read_is_noticed()
    {
        await using (var exec = await ExecSocket.OpenAsync(Silo, _instance, "sh", "-c", "echo go; exec sleep 1000"))
        {
            await exec.UntilAsync("go");
            for (var i = 0; i < 10; i++)
            {
                await exec.WriteAsync(new byte[32 * 1024]);
            }
        }

        await Eventually.Holds("none of its processes", () => OfExec().Count == 0);
    }

    [Fact]
    public async Task It_ends_with_its_instance()
    {
        await using var exec = await ExecSocket.OpenAsync(Silo, _instance, "sh", "-c", "trap '' TERM HUP; echo go; while :; do sleep 1; done");
        await exec.UntilAsync("go");

        await Silo.DoAsync(_instance, "stop");

        Assert.Equal(137, await exec.ExitAsync());
        Assert.Empty(ProcessTable.OfInstance(Id));
        await using var late = await ExecSocket.OpenAsync(Silo, _instance, "true");
        Assert.Null(await late.ExitAsync());
        Assert.Equal("""{"code":9,"message":"failed_precondition","details":[{"message":"The instance is stopped; commands run only in a running one."}]}""", late.Error!.ToJsonString());
    }

    [Theory]
    [InlineData("not json", 3, "not JSON")]
    [InlineData("[]", 3, "must be an object")]
    [InlineData("""{"id":"ID","body":{"command":"ls"}}""", 3, "command must be an array")]
    [InlineData("""{"id":"ID","body":{"command":[1]}}""", 3, "command must be a string")]
    [InlineData("""{"id":"ID","body":{"command":[]}}""", 3, "must name a program")]
    [InlineData("""{"id":"ID","body":{}}""", 3, "must name a program")]
    [InlineData("""{"id":"ID","body":{"command":[""]}}""", 3, "must name a program")]
    [InlineData("""{"id":"ID","body":{"command":["a\u0000b"]}}""", 3, "NUL")]
    [InlineData("""{"body":{"command":["true"]}}""", 3, "id must name")]
    [InlineData("""{"id":7,"body":{"command":["true"]}}""", 3, "id must be a string")]
    [InlineData("""{"id":"ID","id_type":"POD","body":{"command":["true"]}}""", 3, "id_type")]
    [InlineData("""{"id":"ID","body":{"command":["true"],"disableTty":"yes"}}""", 3, "disableTty must be true or false")]
    [InlineData("""{"id":"ID","body":{"command":["true"],"stdin":{"data":"%%%"}}}""", 3, "base64")]
    [InlineData("""{"id":"ID","body":{"command":["true"],"stdin":{"close":1}}}""", 3, "stdin.close")]
    [InlineData("""{"id":"ID","body":{"command":["true"],"tty_size":{"width":"wide"}}}""", 3, "width must be an integer")]
    [InlineData("""{"id":"ID","body":{"command":["true"],"tty_size":{"width":65536,"height":1}}}""", 3, "65535")]
    [InlineData("""{"id":"00000000-0000-4000-8000-000000000000","body":{"command":["true"]}}""", 5, "no such instance")]
    [InlineData("""{"id":"no-such-service","id_type":"SERVICE_ID","body":{"command":["true"]}}""", 5, "no running instance")]
    public async Task What_makes_no_sense_is_an_error_frame_and_starts_nothing(string frame, int code, string text)
    {
        await using var exec = await ExecSocket.ConnectAsync(Silo);
        await exec.SendAsync(Encoding.UTF8.GetBytes(frame.Replace("ID\"", $"{Id}\"", StringComparison.Ordinal).Replace($"SERVICE_{Id}", "SERVICE_ID", StringComparison.Ordinal)));

        Assert.Null(await exec.ExitAsync());

        Assert.Equal(code, (int)exec.Error!["code"]!);
        Assert.Contains(text, (string)exec.Error["message"]!, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(OfExec());
    }

    [Fact]
    public async Task A_key_of_another_owner_finds_nothing_and_one_without_the_scope_does_not_get_in()
    {
        var bobs = await NewKeyAsync(new { name = "bob", scopes = new[] { "exec" }, owner = "bob" });
        var viewers = await NewKeyAsync(new { name = "viewer", scopes = new[] { "view", "console", "lifecycle" } });
        foreach (var (id, type) in new[] { (Id, 1), (_service, 2) })
        {
            await using var exec = await ExecSocket.ConnectAsync(Silo, key: bobs);
            await exec.SayAsync(new { id, id_type = type, body = new { command = new[] { "true" } } });
            Assert.Null(await exec.ExitAsync());
            Assert.Equal(5, (int)exec.Error!["code"]!);
        }

        Assert.Contains("'404'", await RefusalAsync($"?id={Id}", bobs), StringComparison.Ordinal);
        Assert.Contains("'403'", await RefusalAsync("", viewers), StringComparison.Ordinal);
        Assert.Contains("'401'", await RefusalAsync("", "oi_nobodys"), StringComparison.Ordinal);
        Assert.Empty((await Silo.GetAsync($"/api/instances/{Id}/events?type=exec_started")).AsArray());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"body":{"stdin":{"data":7}}}""")]
    [InlineData("""{"body":{"tty_size":{"width":1.5,"height":10}}}""")]
    public async Task Nonsense_later_on_ends_the_command(string frame)
    {
        await using var exec = await ExecSocket.OpenTerminalAsync(Silo, _instance, "sh", "-c", "echo go; exec sleep 1000");
        await exec.UntilAsync("go");

        await exec.SendAsync(Encoding.UTF8.GetBytes(frame));

        Assert.Null(await exec.ExitAsync());
        Assert.Equal(3, (int)exec.Error!["code"]!);
        await Eventually.Holds("none of its processes", () => OfExec().Count == 0);
    }

    [Fact]
    public async Task A_message_without_end_is_refused_before_it_is_in_memory()
    {
        await using var exec = await ExecSocket.OpenAsync(Silo, _instance, "sleep", "1000");
        var before = MemoryOf(Silo.Pid);
        var piece = new byte[1024 * 1024];
        Array.Fill(piece, (byte)' ');

        var sending = Task.Run(async () =>
        {
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    await exec.Socket.SendAsync(piece, System.Net.WebSockets.WebSocketMessageType.Text, endOfMessage: i == 99, CancellationToken.None);
                }
            }
            catch (Exception closed) when (closed is System.Net.WebSockets.WebSocketException or ObjectDisposedException)
            {
                // The server has had enough.
            }
        });
        Assert.Null(await exec.ExitAsync());
        await sending;

        Assert.Equal(3, (int)exec.Error!["code"]!);
        Assert.Contains("longer than 1048576 bytes", (string)exec.Error["message"]!, StringComparison.Ordinal);
        await Eventually.Holds("none of its processes", () => OfExec().Count == 0);
        Assert.InRange(MemoryOf(Silo.Pid) - before, long.MinValue, 60L << 20);
    }

    [Fact]
    public async Task Sizes_that_no_window_has_are_passed_over_and_the_largest_is_taken()
    {
        await using var exec = await ExecSocket.OpenTerminalAsync(Silo, _instance, "sh");
        await exec.ResizeAsync(0, 0);
        await exec.ResizeAsync(-1, 10);
        await exec.TypeAsync("stty size\n");
        await exec.UntilAsync("24 80");
        await exec.ResizeAsync(65535, 65535);
        await exec.TypeAsync("stty size; exit\n");
        await exec.UntilAsync("65535 65535");
        Assert.Equal(0, await exec.ExitAsync());
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest, """{"status":400,"code":"invalid_argument","message":"body.command: must name a program","fields":[{"field":"body.command","description":"must name a program"}]}""")]
    [InlineData("?body.command=true&body.stdin.data=b%27aGk%3D%27", HttpStatusCode.BadRequest, """{"status":400,"code":"invalid_argument","message":"body.stdin.data: stdin.data must be base64.","fields":[{"field":"body.stdin.data","description":"stdin.data must be base64."}]}""")]
    [InlineData("?id=00000000-0000-4000-8000-000000000000&body.command=true", HttpStatusCode.NotFound, """{"status":404,"code":"not_found","message":"There is no such instance."}""")]
    public async Task A_plain_request_that_makes_no_sense_is_told_in_koyebs_words(string query, HttpStatusCode status, string body)
    {
        using var response = await Silo.Http.GetAsync($"/v1/streams/instances/exec{query}");

        Assert.Equal((status, body), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    private async Task<string> NewKeyAsync(object key)
    {
        using var response = await Silo.Http.PostAsJsonAsync("/api/keys", key);
        return (string)(await response.Content.ReadFromJsonAsync<JsonNode>())!["key"]!;
    }

    /// <summary>What the client is told of a websocket that it did not get.</summary>
    private async Task<string> RefusalAsync(string query, string key) =>
        (await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => ExecSocket.ConnectAsync(Silo, query, key))).Message;

    /// <summary>A child of the shell is in the foreground once it has become its program.</summary>
    private Task RunsAsync(string program) =>
        Eventually.Holds($"{program} in the foreground", () => OfExec().Exists(pid => ProcessTable.NameOf(pid) == program));

    private List<int> OfExec() => [.. ProcessTable.OfInstance(Id).Where(pid => ProcessTable.EnvironmentOf(pid).Contains("OI_EXEC_ID=", StringComparison.Ordinal))];

    private static long MemoryOf(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) << 10;

    private static async Task<byte[]> RunTarAsync(string[] arguments, byte[] input)
    {
        using var tar = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("tar", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var output = new MemoryStream();
        var reading = tar.StandardOutput.BaseStream.CopyToAsync(output);
        await tar.StandardInput.BaseStream.WriteAsync(input);
        tar.StandardInput.Close();
        await reading;
        await tar.WaitForExitAsync();
        Assert.Equal(0, tar.ExitCode);
        return output.ToArray();
    }
}
