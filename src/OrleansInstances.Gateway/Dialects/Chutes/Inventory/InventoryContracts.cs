using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>The file of OI_CHUTES_INVENTORY; every list may be left out.</summary>
/// <remarks>Here and below, members with a default have setters: generated readers set what is left out to null or 0 where it is <c>init</c>.</remarks>
internal sealed record InventoryBody
{
    [JsonPropertyName("miners")]
    public IReadOnlyList<MinerBody> Miners { get; set; } = [];

    [JsonPropertyName("chutes")]
    public IReadOnlyList<ChuteBody> Chutes { get; set; } = [];

    [JsonPropertyName("nodes")]
    public IReadOnlyList<GpuBody> Gpus { get; set; } = [];

    [JsonPropertyName("jobs")]
    public IReadOnlyList<JobBody> Jobs { get; set; } = [];

    /// <summary>Whether miners may be at addresses that are no public ones.</summary>
    [JsonPropertyName("allow_private_hosts")]
    public bool AllowPrivateHosts { get; init; }

    /// <param name="verified">GPUs that don't say so are verified too.</param>
    public ChuteInventory ToInventory(bool verified) => new()
    {
        Miners = [.. Miners.Select(miner => miner.ToMiner())],
        Chutes = [.. Chutes.Select(chute => chute.ToChute())],
        Gpus = [.. Gpus.Select(gpu => gpu.ToGpu(verified))],
        Jobs = [.. Jobs.Select(job => job.ToJob())],
    };
}

internal sealed record MinerBody
{
    [JsonPropertyName("hotkey")]
    public required string Hotkey { get; init; }

    [JsonPropertyName("coldkey")]
    public required string Coldkey { get; init; }

    [JsonPropertyName("uid")]
    public required int Uid { get; init; }

    [JsonPropertyName("blacklist_reason")]
    public string? BlacklistReason { get; init; }

    public static MinerBody Of(ChuteMiner miner) =>
        new() { Hotkey = miner.Hotkey, Coldkey = miner.Coldkey, Uid = miner.Uid, BlacklistReason = miner.BlacklistReason };

    public ChuteMiner ToMiner() => new(Hotkey, Coldkey, Uid, BlacklistReason);
}

internal sealed record ChuteBody
{
    [JsonPropertyName("chute_id")]
    public required string ChuteId { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("version")]
    public required string Version { get; init; }

    [JsonPropertyName("chutes_version")]
    public string? ChutesVersion { get; init; }

    [JsonPropertyName("image_id")]
    public string? ImageId { get; init; }

    [JsonPropertyName("code")]
    public string? Code { get; init; }

    [JsonPropertyName("node_selector")]
    public NodeSelectorBody NodeSelector { get; set; } = new();

    [JsonPropertyName("target_count")]
    public int? TargetCount { get; init; }

    [JsonPropertyName("public")]
    public bool Public { get; set; } = true;

    public static ChuteBody Of(Chute chute) => new()
    {
        ChuteId = chute.ChuteId,
        Name = chute.Name,
        Version = chute.Version,
        ChutesVersion = chute.ChutesVersion,
        ImageId = chute.ImageId,
        Code = chute.Code,
        NodeSelector = NodeSelectorBody.Of(chute.NodeSelector),
        TargetCount = chute.TargetCount,
        Public = chute.Public,
    };

    public Chute ToChute() => new()
    {
        ChuteId = ChuteId,
        Name = Name,
        Version = Version,
        ChutesVersion = ChutesVersion,
        ImageId = ImageId,
        Code = Code,
        NodeSelector = NodeSelector.ToSelector(),
        TargetCount = TargetCount,
        Public = Public,
    };
}

internal sealed record NodeSelectorBody
{
    [JsonPropertyName("gpu_count")]
    public int GpuCount { get; set; } = 1;

    [JsonPropertyName("min_vram_gb_per_gpu")]
    public int MinVramGb { get; set; } = 16;

    [JsonPropertyName("include")]
    public IReadOnlyList<string>? Include { get; init; }

    [JsonPropertyName("exclude")]
    public IReadOnlyList<string>? Exclude { get; init; }

    public static NodeSelectorBody Of(NodeSelector selector) =>
        new() { GpuCount = selector.GpuCount, MinVramGb = selector.MinVramGbPerGpu, Include = selector.Include, Exclude = selector.Exclude };

    public NodeSelector ToSelector() => new(GpuCount, MinVramGb) { Include = [.. Include ?? []], Exclude = [.. Exclude ?? []] };
}

internal sealed record GpuBody
{
    [JsonPropertyName("uuid")]
    public required string Uuid { get; init; }

    [JsonPropertyName("miner_hotkey")]
    public required string MinerHotkey { get; init; }

    [JsonPropertyName("gpu")]
    public required string Gpu { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("memory")]
    public required long Memory { get; init; }

    [JsonPropertyName("verification_host")]
    public required string VerificationHost { get; init; }

    [JsonPropertyName("verification_port")]
    public int? VerificationPort { get; init; }

    [JsonPropertyName("verified")]
    public bool Verified { get; init; }

    [JsonPropertyName("major")]
    public int? Major { get; init; }

    [JsonPropertyName("minor")]
    public int? Minor { get; init; }

    [JsonPropertyName("processors")]
    public int? Processors { get; init; }

    [JsonPropertyName("sxm")]
    public bool? Sxm { get; init; }

    [JsonPropertyName("clock_rate")]
    public double? ClockRate { get; init; }

    [JsonPropertyName("max_threads_per_processor")]
    public int? MaxThreadsPerProcessor { get; init; }

    [JsonPropertyName("concurrent_kernels")]
    public bool? ConcurrentKernels { get; init; }

    [JsonPropertyName("ecc")]
    public bool? Ecc { get; init; }

    public static GpuBody Of(ChuteGpu gpu) => new()
    {
        Uuid = gpu.Uuid,
        MinerHotkey = gpu.MinerHotkey,
        Gpu = gpu.Gpu,
        Name = gpu.Name,
        Memory = gpu.Memory,
        VerificationHost = gpu.VerificationHost,
        VerificationPort = gpu.VerificationPort,
        Verified = gpu.Verified,
        Major = gpu.Major,
        Minor = gpu.Minor,
        Processors = gpu.Processors,
        Sxm = gpu.Sxm,
        ClockRate = gpu.ClockRate,
        MaxThreadsPerProcessor = gpu.MaxThreadsPerProcessor,
        ConcurrentKernels = gpu.ConcurrentKernels,
        Ecc = gpu.Ecc,
    };

    /// <param name="verified">Also one that does not say so.</param>
    public ChuteGpu ToGpu(bool verified) => new()
    {
        Uuid = Uuid,
        MinerHotkey = MinerHotkey,
        Gpu = Gpu,
        Name = Name,
        Memory = Memory,
        VerificationHost = VerificationHost,
        VerificationPort = VerificationPort,
        Verified = Verified || verified,
        Major = Major,
        Minor = Minor,
        Processors = Processors,
        Sxm = Sxm,
        ClockRate = ClockRate,
        MaxThreadsPerProcessor = MaxThreadsPerProcessor,
        ConcurrentKernels = ConcurrentKernels,
        Ecc = Ecc,
    };
}

internal record JobBody
{
    [JsonPropertyName("job_id")]
    public required string JobId { get; init; }

    [JsonPropertyName("chute_id")]
    public required string ChuteId { get; init; }

    [JsonPropertyName("method")]
    public required string Method { get; init; }

    [JsonPropertyName("ports")]
    public IReadOnlyList<JobPortBody> Ports { get; set; } = [];

    [JsonPropertyName("disk_gb")]
    public long? DiskGb { get; init; }

    [JsonPropertyName("job_args")]
    public JsonElement? Args { get; init; }

    public ChuteJob ToJob() => new()
    {
        JobId = JobId,
        ChuteId = ChuteId,
        Method = Method,
        Ports = [.. Ports.Select(port => new JobPort(port.Port, port.Proto.ToLowerInvariant()))],
        DiskGb = DiskGb,
        Args = Args?.GetRawText(),
    };
}

internal sealed record JobPortBody
{
    [JsonPropertyName("port")]
    public required int Port { get; init; }

    [JsonPropertyName("proto")]
    public string Proto { get; set; } = "tcp";
}

/// <summary>A job, and what became of it.</summary>
internal sealed record JobReply : JobBody
{
    [JsonPropertyName("progress"), JsonPropertyOrder(1)]
    public required JobProgress Progress { get; init; }

    public static JobReply Of(StoredChuteJob stored) => new()
    {
        JobId = stored.Job.JobId,
        ChuteId = stored.Job.ChuteId,
        Method = stored.Job.Method,
        Ports = [.. stored.Job.Ports.Select(port => new JobPortBody { Port = port.Port, Proto = port.Proto })],
        DiskGb = stored.Job.DiskGb,
        Args = stored.Job.Args is { } args ? JsonElement.Parse(args) : null,
        Progress = new JobProgress(
            stored.Status.ToString().ToLowerInvariant(),
            [.. stored.Racers],
            stored.ConfigId,
            stored.InstanceId,
            stored.MinerHotkey,
            stored.Error,
            stored.StartedAt?.ToUnixTimeSeconds(),
            stored.FinishedAt?.ToUnixTimeSeconds()),
    };
}

/// <param name="Status"><c>pending</c>, <c>running</c> or <c>error</c>.</param>
/// <param name="Racers">The hotkeys that asked for it.</param>
/// <param name="ConfigId">The launch config that has it.</param>
/// <param name="StartedAt">Unix seconds.</param>
/// <param name="FinishedAt">Unix seconds.</param>
internal sealed record JobProgress(
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("racers")] IReadOnlyList<string> Racers,
    [property: JsonPropertyName("config_id")] Guid? ConfigId,
    [property: JsonPropertyName("instance_id")] Guid? InstanceId,
    [property: JsonPropertyName("miner_hotkey")] string? MinerHotkey,
    [property: JsonPropertyName("error")] string? Error,
    [property: JsonPropertyName("started_at")] long? StartedAt,
    [property: JsonPropertyName("finished_at")] long? FinishedAt);

[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InventoryBody))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JobReply))]
[JsonSerializable(typeof(IEnumerable<MinerBody>))]
[JsonSerializable(typeof(IEnumerable<ChuteBody>))]
[JsonSerializable(typeof(IEnumerable<GpuBody>))]
[JsonSerializable(typeof(IEnumerable<JobReply>))]
internal sealed partial class InventoryJson : JsonSerializerContext
{
    public static InventoryJson Wire { get; } =
        new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, RespectNullableAnnotations = true });
}
