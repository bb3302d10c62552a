using System.Text.Json.Nodes;
using OrleansInstances.Gateway.Dialects.Chutes.Inventory;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>The file of OI_CHUTES_INVENTORY.</summary>
public sealed class InventoryFileTests : IDisposable
{
    private static readonly string Sample = File.ReadAllText("chutes-inventory.json");

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task The_sample_is_stored_at_the_start()
    {
        await using var host = await StartAsync(Sample);

        var saved = host.Inventory.Saved!;
        var hotkey = Assert.Single(saved.Miners).Hotkey;
        var chute = Assert.Single(saved.Chutes);
        Assert.Equal(("hello", "0.3.1", 2, 1, 24), (chute.ChuteId, chute.ChutesVersion, chute.TargetCount, chute.NodeSelector.GpuCount, chute.NodeSelector.MinVramGbPerGpu));
        Assert.Equal(["l4"], chute.NodeSelector.Exclude.AsEnumerable());
        var gpu = Assert.Single(saved.Gpus);
        Assert.Equal((hotkey, "h100", 85_520_809_984, true, 114), (gpu.MinerHotkey, gpu.Gpu, gpu.Memory, gpu.Verified, gpu.Processors));
        var job = Assert.Single(saved.Jobs);
        Assert.Equal(("hello-job", "train", 10, """{ "epochs": 3 }"""), (job.JobId, job.Method, job.DiskGb, job.Args));
        Assert.Equal([new JobPort(2222, "tcp"), new JobPort(5353, "udp")], job.Ports.AsEnumerable());
    }

    [Theory]
    [InlineData("false", false)]
    [InlineData("true", true)]
    public async Task Where_gpus_are_not_challenged_all_of_them_are_verified(string skip, bool verified)
    {
        var inventory = JsonNode.Parse(Sample)!;
        inventory["nodes"]![0]!["verified"] = false;

        await using var host = await StartAsync(inventory.ToJsonString(), skip);

        Assert.Equal(verified, Assert.Single(host.Inventory.Saved!.Gpus).Verified);
    }

    [Theory]
    [InlineData("\"gpu_count\": 1", "\"gpu_count\": 9", "chute hello: gpu_count is 9: it must be 1 to 8.")]
    [InlineData("\"min_vram_gb_per_gpu\": 24", "\"min_vram_gb_per_gpu\": 15", "chute hello: min_vram_gb_per_gpu is 15: it must be 16 to 140.")]
    [InlineData("\"exclude\": [\"l4\"]", "\"exclude\": [\"l5\"]", "chute hello: there is no GPU \"l5\": it must be one of 3090, ")]
    [InlineData("\"target_count\": 2", "\"target_count\": -1", "chute hello: target_count is -1: it must be 0 or more.")]
    [InlineData("\"gpu\": \"h100\"", "\"gpu\": \"h101\"", "node 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a: there is no GPU \"h101\": ")]
    [InlineData("\"port\": 2222", "\"port\": 21", "job hello-job: port tcp:21: it must be tcp, udp or http and 22 to 65535.")]
    [InlineData("\"proto\": \"udp\"", "\"proto\": \"sctp\"", "job hello-job: port sctp:5353: ")]
    [InlineData("\"uid\": 1", "\"uid\": \"one\"", "\"miners[0].uid\" has the wrong type, or text that is no Unicode.")]
    [InlineData("\"uid\": 1", "\"number\": 1", "\"miners[0].number\" is not known.")]
    [InlineData(", \"uid\": 1", "", "\"miners[0].uid\" is missing.")]
    [InlineData("\"uid\": 1", "\"uid\": 1, \"uid\": 2", "Duplicate property 'uid' encountered during deserialization")]
    [InlineData("\"uid\": 1 }", "\"uid\": 1", "']' is invalid without a matching open.")]
    [InlineData("{ \"port\": 2222", "null, { \"port\": 2222", "\"jobs[0].ports[0]\" must not be null.")]
    [InlineData("\"miner_hotkey\": \"5F4U4gf1zxGwnVQF2oBaCuVvQSprdMRjnoHfiR61CdxEHL6X\"", "\"miner_hotkey\": \"another\"", "node 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a: there is no miner \"another\".")]
    [InlineData("\"chute_id\": \"hello\",\n      \"method\"", "\"chute_id\": \"another\",\n      \"method\"", "job hello-job: there is no chute \"another\".")]
    [InlineData("\"uid\": 1 }", "\"uid\": 1 }, { \"hotkey\": \"5F4U4gf1zxGwnVQF2oBaCuVvQSprdMRjnoHfiR61CdxEHL6X\", \"coldkey\": \"c\", \"uid\": 2 }", "miner 5F4U4gf1zxGwnVQF2oBaCuVvQSprdMRjnoHfiR61CdxEHL6X: it is there twice.")]
    public async Task A_file_that_makes_no_sense_ends_the_start_and_says_why(string part, string other, string reason)
    {
        Assert.Contains(part, Sample);

        await File.WriteAllTextAsync(_file, Sample.Replace(part, other, StringComparison.Ordinal));
        await using var gateway = new GatewayHost { Settings = { ["OI:CHUTES_INVENTORY"] = _file } };
        var error = await Assert.ThrowsAsync<InventoryFileException>(gateway.StartAsync);

        Assert.StartsWith($"OI_CHUTES_INVENTORY, {_file}: {reason}", error.Message);
    }

    [Fact]
    public async Task A_file_that_is_not_there_ends_the_start_too()
    {
        File.Delete(_file);

        var error = await Assert.ThrowsAsync<InventoryFileException>(() => StartAsync(contents: null));

        Assert.StartsWith($"OI_CHUTES_INVENTORY, {_file}: Could not find file", error.Message);
    }

    /// <summary>What it does not name stays, what it names is as it says again.</summary>
    [Fact]
    public async Task The_next_start_stores_it_again()
    {
        await File.WriteAllTextAsync(_file, Sample);
        await using var gateway = new GatewayHost { Settings = { ["OI:CHUTES_INVENTORY"] = _file } };
        await gateway.StartAsync();
        const string More = """{"name":"b","version":"2"}""";
        Assert.Equal(201, (await gateway.SendAsync(HttpMethod.Put, "/api/chutes/chutes/more", More)).Status);
        Assert.Equal(200, (await gateway.SendAsync(HttpMethod.Put, "/api/chutes/chutes/hello", More)).Status);
        Assert.Equal(204, (await gateway.SendAsync(HttpMethod.Delete, "/api/chutes/jobs/hello-job")).Status);

        await gateway.StopAsync();
        await gateway.StartAsync();

        var chutes = (await gateway.GetAsync("/api/chutes/chutes")).Json.AsArray();
        Assert.Equal([("hello", "hello"), ("more", "b")], chutes.Select(chute => ((string?)chute!["chute_id"], (string?)chute["name"])));
        Assert.Equal(200, (await gateway.GetAsync("/api/chutes/jobs/hello-job")).Status);
    }

    private async Task<ChutesHost> StartAsync(string? contents, string skip = "false")
    {
        if (contents is not null)
        {
            await File.WriteAllTextAsync(_file, contents);
        }

        return await ChutesHost.StartAsync(host =>
        {
            host.Gateway.Settings["OI:CHUTES_INVENTORY"] = _file;
            host.Gateway.Settings["SKIP_GPU_VERIFICATION"] = skip;
        });
    }
}
