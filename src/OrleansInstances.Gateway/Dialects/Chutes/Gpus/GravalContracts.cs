using System.Text.Json.Serialization;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Gpus;

/// <summary>What the GraVal service is told of a GPU.</summary>
internal sealed record DeviceInfo(
    [property: JsonPropertyName("uuid")] string Uuid,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("memory")] long Memory,
    [property: JsonPropertyName("major")] int? Major,
    [property: JsonPropertyName("minor")] int? Minor,
    [property: JsonPropertyName("processors")] int? Processors,
    [property: JsonPropertyName("sxm")] bool? Sxm,
    [property: JsonPropertyName("clock_rate")] double? ClockRate,
    [property: JsonPropertyName("max_threads_per_processor")] int? MaxThreadsPerProcessor,
    [property: JsonPropertyName("concurrent_kernels")] bool? ConcurrentKernels,
    [property: JsonPropertyName("ecc")] bool? Ecc)
{
    public static DeviceInfo Of(ChuteGpu gpu) => new(
        gpu.Uuid, gpu.Name, gpu.Memory, gpu.Major, gpu.Minor, gpu.Processors, gpu.Sxm, gpu.ClockRate, gpu.MaxThreadsPerProcessor, gpu.ConcurrentKernels, gpu.Ecc);
}

internal sealed record EncryptRequest(
    [property: JsonPropertyName("device_info")] DeviceInfo Device,
    [property: JsonPropertyName("payload")] string Payload,
    [property: JsonPropertyName("iterations")] int Iterations);

internal sealed record CheckProofRequest(
    [property: JsonPropertyName("device_info")] DeviceInfo Device,
    [property: JsonPropertyName("seed")] long Seed,
    [property: JsonPropertyName("work_product")] string WorkProduct,
    [property: JsonPropertyName("check_index")] int CheckIndex);

internal sealed record CheckProofReply([property: JsonPropertyName("result")] bool Result);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EncryptRequest))]
[JsonSerializable(typeof(CheckProofRequest))]
[JsonSerializable(typeof(CheckProofReply))]
internal sealed partial class GravalJson : JsonSerializerContext;
