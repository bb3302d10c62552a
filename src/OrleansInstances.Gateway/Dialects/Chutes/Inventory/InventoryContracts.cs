using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>The file of OI_CHUTES_INVENTORY; every list may be left out.</summary>
internal sealed record InventoryBody
{
    [JsonPropertyName("miners")]
    public IReadOnlyList<MinerBody> Miners { get; init; } = [];

    [JsonPropertyName("chutes")]
    public IReadOnlyList<ChuteBody> Chutes { get; init; } = [];

    [JsonPropertyName("nodes")]
    public IReadOnlyList<GpuBody> Gpus { get; init; } = [];

    [JsonPropertyName("jobs")]
    public IReadOnlyList<JobBody> Jobs { get; init; } = [];

    /// <summary>Whether miners may be at addresses that are no public ones.</summary>
    [JsonPropertyName("allow_private_hosts")]
    public bool AllowPrivateHosts { get; init; }
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
    public NodeSelectorBody NodeSelector { get; init; } = new();

    [JsonPropertyName("target_count")]
    public int? TargetCount { get; init; }

    [JsonPropertyName("public")]
    public bool Public { get; init; } = true;

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
    public int GpuCount { get; init; } = 1;

    [JsonPropertyName("min_vram_gb_per_gpu")]
    public int MinVramGb { get; init; } = 16;

    [JsonPropertyName("include")]
    public IReadOnlyList<string>? Include { get; init; }

    [JsonPropertyName("exclude")]
    public IReadOnlyList<string>? Exclude { get; init; }

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

internal sealed record JobBody
{
    [JsonPropertyName("job_id")]
    public required string JobId { get; init; }

    [JsonPropertyName("chute_id")]
    public required string ChuteId { get; init; }

    [JsonPropertyName("method")]
    public required string Method { get; init; }

    [JsonPropertyName("ports")]
    public IReadOnlyList<JobPortBody> Ports { get; init; } = [];

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
    public string Proto { get; init; } = "tcp";
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InventoryBody))]
internal sealed partial class InventoryJson : JsonSerializerContext;
