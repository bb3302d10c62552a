using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Execs;

/// <summary>Many sessions, one after the other, at once, and those whose other side is gone: nothing is left behind.</summary>
public sealed class ExecBurdenTests
{
    [Fact]
    public async Task A_thousand_in_a_row_leave_no_process_descriptor_or_memory_behind()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var instance = await SleeperAsync(silo);
        await RunInARowAsync(silo, instance, 100);
        await SettleAsync(instance);
        var keeper = await ProcessTable.KeeperAsync(silo.Data);
        var before = (Silo: Open(silo.Pid), Keeper: Open(keeper), Memory: ProcessTable.PrivateBytes(silo.Pid), KeeperMemory: ProcessTable.PrivateBytes(keeper));

        await RunInARowAsync(silo, instance, 1000);
        await SettleAsync(instance);

        await Eventually.Holds("the silo's descriptors to be what they were", () => Open(silo.Pid) <= before.Silo + 2);
        await Eventually.Holds("the keeper's descriptors to be what they were", () => Open(keeper) <= before.Keeper);

        // 1000 sessions of a kilobyte each would be noise; ten would not.
        Assert.InRange(ProcessTable.PrivateBytes(silo.Pid) - before.Memory, long.MinValue, 40L << 20);
        Assert.InRange(ProcessTable.PrivateBytes(keeper) - before.KeeperMemory, long.MinValue, 8L << 20);
    }

    [Fact]
    public async Task Two_hundred_at_once_each_get_their_own_and_one_too_many_is_told_so()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_MAX_EXECS"] = "200";
        await silo.StartAsync();
        var instance = await SleeperAsync(silo);

        var all = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var exec = i % 2 == 0 ? await ExecSocket.OpenTerminalAsync(silo, instance, "cat") : await ExecSocket.OpenAsync(silo, instance, "cat");
            await exec.TypeAsync($"number {i}\n");
            await exec.UntilAsync($"number {i}");
            return exec;
        }));
        await using var late = await ExecSocket.OpenAsync(silo, instance, "true");
        Assert.Null(await late.ExitAsync());
        Assert.Equal(8, (int)late.Error!["code"]!);
        Assert.Equal(200, (await silo.GetAsync($"/api/instances/{instance["uuid"]}/execs")).AsArray().Count);

        await Task.WhenAll(all.Select(async exec =>
        {
            await exec.CloseInputAsync();
            Assert.Equal(0, await exec.ExitAsync());
            await exec.DisposeAsync();
        }));
        await SettleAsync(instance);
    }

    [Fact]
    public async Task A_silo_that_is_killed_takes_its_sessions_along_and_the_next_one_notes_their_end()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var instance = await SleeperAsync(silo);
        await using var terminal = await ExecSocket.OpenTerminalAsync(silo, instance, "sh", "-c", "trap '' HUP; echo go; while :; do sleep 1; done");
        await using var pipes = await ExecSocket.OpenAsync(silo, instance, "sh", "-c", "trap '' HUP; echo go; setsid sleep 1000 & sleep 1000");
        await terminal.UntilAsync("go");
        await pipes.UntilAsync("go");

        await silo.KillAsync();

        await SettleAsync(instance);
        await silo.StartAsync();
        Assert.Equal("running", (string?)(await silo.GetAsync(instance))["state"]);
        await Eventually.Get(
            "the ends of both", () => silo.GetAsync($"/api/instances/{instance["uuid"]}/events?type=exec_ended"), events => events.AsArray().Count == 2);
    }

    [Fact]
    public async Task A_client_that_never_reads_and_one_that_never_speaks_are_dropped()
    {
        await using var silo = new RunningSilo();
        silo.Settings["OI_EXEC_STALL_SECONDS"] = "5";
        await silo.StartAsync();
        var instance = await SleeperAsync(silo);
        await using var mute = await ExecSocket.ConnectAsync(silo);
        await using var deaf = await ExecSocket.OpenAsync(silo, instance, "sh", "-c", "yes");
        await deaf.UntilAsync("y");

        // More than the connection holds is written soon; then nobody takes it.
        await SettleAsync(instance);
        Assert.Equal("running", (string?)(await silo.GetAsync(instance))["state"]);
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => mute.ExitAsync());
    }

    private static async Task<JsonNode> SleeperAsync(RunningSilo silo)
    {
        var instance = await silo.CreateAsync("sleep", "1000");
        await silo.WaitForStateAsync(instance, "running");
        return instance;
    }

    private static async Task RunInARowAsync(RunningSilo silo, JsonNode instance, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await using var exec = i % 2 == 0 ? await ExecSocket.OpenTerminalAsync(silo, instance, "echo", "hello") : await ExecSocket.OpenAsync(silo, instance, "echo", "hello");
            var code = await exec.ExitAsync();
            Assert.True(code == 0 && exec.Text.StartsWith("hello", StringComparison.Ordinal), $"Session {i} ended with {code}: {exec.Text}{exec.Errors}{exec.Error}\n{silo.Output}");
        }
    }

    private static Task SettleAsync(JsonNode instance) =>
        Eventually.Holds("the program alone", () => ProcessTable.OfInstance((string)instance["uuid"]!).Count == 1, seconds: 60);

    /// <summary>Descriptors but for those of code, which is loaded when it is first needed.</summary>
    private static int Open(int pid) => Directory.GetFiles($"/proc/{pid}/fd").Count(IsOpen);

    private static bool IsOpen(string fd)
    {
        try
        {
            return File.ResolveLinkTarget(fd, false)?.Extension != ".dll";
        }
        catch (FileNotFoundException)
        {
            // Closed between the listing and the look.
            return false;
        }
    }
}
