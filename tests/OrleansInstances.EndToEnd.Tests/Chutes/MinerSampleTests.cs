using System.Diagnostics;
using OrleansInstances.Hotkeys.Tests;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>samples/chutes-miner with samples/chutes-inventory.json, as the README shows them.</summary>
public sealed class MinerSampleTests
{
    [NeedsMinerFact]
    public async Task The_sample_miner_brings_an_instance_up_and_takes_it_down()
    {
        await using var silo = await StartAsync();

        Assert.Matches(
            @"^issued [0-9a-f-]{36}\nclaimed, challenged with 2 iterations of \d+\nverified ([0-9a-f-]{36})\nactivated \1\ndeleted \1\n$", await RunAsync(silo));
    }

    [NeedsMinerFact]
    public async Task It_runs_a_job_whose_ports_answer()
    {
        await using var silo = await StartAsync();

        var printed = await RunAsync(silo, "--job", "hello-job", "--need", "tcp:2222", "--need", "udp:5353");

        Assert.Contains("deleted", printed);
    }

    private static async Task<RunningSilo> StartAsync()
    {
        var silo = new RunningSilo();
        silo.Settings["SKIP_GPU_VERIFICATION"] = "true";
        silo.Settings["OI_CHUTES_INVENTORY"] = Path.Combine(await ChutesMiner.FolderAsync(), "..", "chutes-inventory.json");
        await silo.StartAsync();
        return silo;
    }

    private static async Task<string> RunAsync(RunningSilo silo, params string[] more)
    {
        string[] arguments = ["miner.js", "--url", silo.Http.BaseAddress!.ToString().TrimEnd('/'), "--port", $"{FreePort.Find()}", .. more];
        using var node = Process.Start(new ProcessStartInfo("node", arguments)
        {
            WorkingDirectory = await ChutesMiner.FolderAsync(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = node.StandardError.ReadToEndAsync();
        var printed = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, $"{printed}\n{await errors}\n{silo.Output}");
        return printed;
    }
}
