using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Npgsql;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>The real program with an inventory, and a GPU-challenge service beside it.</summary>
internal sealed class ChutesSilo : IAsyncDisposable
{
    public const string Host = "127.0.0.1";

    /// <summary>What its launch tokens are signed with.</summary>
    public const string LaunchKey = "end to end";

    private const int Gpus = 30;

    private ChutesSilo(GravalService graval) => Graval = graval;

    public RunningSilo Silo { get; } = new();

    public GravalService Graval { get; }

    /// <summary>Registered, with GPUs of its own; so is the other.</summary>
    public TestHotkey Miner { get; } = new();

    public TestHotkey OtherMiner { get; } = new();

    private string InventoryFile => Path.Combine(Silo.Data, "inventory.json");

    /// <param name="chutes">With jobs, as the inventory's file has them.</param>
    public static async Task<ChutesSilo> StartAsync(JsonArray chutes, JsonArray? jobs = null)
    {
        var silo = new ChutesSilo(await GravalService.StartAsync());
        silo.Silo.Settings["OPENCL_GRAVAL_URL"] = silo.Graval.Address.ToString();
        silo.Silo.Settings["LAUNCH_CONFIG_KEY"] = LaunchKey;
        silo.Silo.Settings["OI_MAX_KEY_FAILURES_PER_MINUTE"] = "100000";
        silo.Silo.Settings["OI_CHUTES_INVENTORY"] = silo.InventoryFile;
        await File.WriteAllTextAsync(silo.InventoryFile, silo.Inventory(chutes, jobs ?? []).ToJsonString());
        await silo.Silo.StartAsync();
        return silo;
    }

    public static JsonObject Chute(string id, int gpus = 1, int target = 5) => new()
    {
        ["chute_id"] = id,
        ["name"] = $"the chute {id}",
        ["version"] = "1",
        ["chutes_version"] = "0.3.1",
        ["node_selector"] = new JsonObject { ["gpu_count"] = gpus, ["min_vram_gb_per_gpu"] = 16 },
        ["target_count"] = target,
        ["public"] = true,
    };

    /// <summary>One of the kind that may take longest for a proof: 645 s.</summary>
    public static JsonObject Node(string uuid, TestHotkey miner, bool verified = true) => new()
    {
        ["uuid"] = uuid,
        ["miner_hotkey"] = miner.Address,
        ["name"] = "NVIDIA H20",
        ["memory"] = 102_000_000_000,
        ["gpu"] = "h20",
        ["verification_host"] = Host,
        ["verified"] = verified,
    };

    /// <summary>The uuid of one of a miner's GPUs: 0 to 29.</summary>
    public string Gpu(int number, TestHotkey? miner = null) => $"{(miner is null || miner == Miner ? 'a' : 'b')}{number:d31}";

    public async Task<string> IssueAsync(string chute, string? job = null, TestHotkey? miner = null)
    {
        var (status, body) = await TryIssueAsync(chute, job, miner);
        Assert.True(status == 200, body);
        return (string)JsonNode.Parse(body)!["token"]!;
    }

    public Task<(int Status, string Body)> TryIssueAsync(string chute, string? job = null, TestHotkey? miner = null) =>
        SendAsync(HttpMethod.Get, $"/instances/launch_config?chute_id={chute}{(job is null ? "" : $"&job_id={job}")}", (miner ?? Miner).For("launch", DateTimeOffset.UtcNow));

    public Task<(int Status, string Body)> DeleteAsync(string chute, string instance, TestHotkey? miner = null) =>
        SendAsync(HttpMethod.Delete, $"/instances/{chute}/{instance}", (miner ?? Miner).For("instances", DateTimeOffset.UtcNow));

    public async Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, IEnumerable<KeyValuePair<string, string>> headers, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = body is null ? null : new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await Silo.Http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Puts a piece of the inventory, as its administrator.</summary>
    public async Task PutAsync(string path, JsonObject piece)
    {
        var (status, body) = await SendAsync(HttpMethod.Put, $"/api/chutes/{path}", [], piece);
        Assert.True(status is 200 or 201, body);
    }

    public Task PutMinerAsync(TestHotkey miner, string? blacklistReason = null) =>
        PutAsync($"miners/{miner.Address}", new JsonObject { ["coldkey"] = "cold", ["uid"] = 9, ["blacklist_reason"] = blacklistReason });

    public async Task RemoveAsync(string path) => Assert.Equal((204, ""), await SendAsync(HttpMethod.Delete, $"/api/chutes/{path}", []));

    /// <summary>Makes a claim a year old, as if its proof took so long.</summary>
    public async Task AgeClaimAsync(Guid config)
    {
        const string LastYear = "2025-01-01T00:00:00+00:00";
        if (Silo.Settings.TryGetValue(RunningSilo.Database, out var postgres))
        {
            await using var source = NpgsqlDataSource.Create(postgres);
            await using var update = source.CreateCommand(
                """
                UPDATE launch_configs SET data = convert_to(jsonb_set(convert_from(data, 'UTF8')::jsonb, '{claimed_at}', to_jsonb(@at::text))::text, 'UTF8')
                WHERE config_id = @id
                """);
            update.Parameters.AddWithValue("at", LastYear);
            update.Parameters.AddWithValue("id", config);
            Assert.Equal(1, await update.ExecuteNonQueryAsync());
            return;
        }

        await using var file = new SqliteConnection($"Data Source={Path.Combine(Silo.Data, "state.db")}");
        await file.OpenAsync();
        await using var command = file.CreateCommand();
        command.CommandText = "UPDATE launch_configs SET data = CAST(json_set(CAST(data AS TEXT), '$.claimed_at', @at) AS BLOB) WHERE config_id = @id";
        command.Parameters.AddWithValue("@at", LastYear);
        command.Parameters.AddWithValue("@id", config.ToByteArray(bigEndian: true));
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    /// <summary>SIGKILL, and a next one on the same data.</summary>
    public async Task RestartAsync()
    {
        await Silo.KillAsync();
        await Silo.StartAsync();
    }

    public async Task<IReadOnlyList<string>> EventsAsync(string instance)
    {
        var events = await Silo.GetAsync($"/api/instances/{instance}/events");
        return [.. events.AsArray().Select(one => (string)one!["type"]!)];
    }

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        await Graval.DisposeAsync();
    }

    private JsonObject Inventory(JsonArray chutes, JsonArray jobs)
    {
        TestHotkey[] miners = [Miner, OtherMiner];
        return new()
        {
            ["miners"] = new JsonArray([.. miners.Select((miner, uid) => new JsonObject { ["hotkey"] = miner.Address, ["coldkey"] = "cold", ["uid"] = uid })]),
            ["chutes"] = chutes,
            ["nodes"] = new JsonArray([.. miners.SelectMany(miner => Enumerable.Range(0, Gpus).Select(number => Node(Gpu(number, miner), miner)))]),
            ["jobs"] = jobs,
            ["allow_private_hosts"] = true,
        };
    }
}
