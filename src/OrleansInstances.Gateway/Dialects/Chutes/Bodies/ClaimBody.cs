using System.Text.Json.Serialization;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Bodies;

/// <summary>The body of a claim.</summary>
/// <param name="Gpus">Device infos, of which only the uuid counts.</param>
/// <param name="FileSystem">The hash that stands for the program's files.</param>
internal sealed record ClaimBody(
    [property: JsonPropertyName("gpus")] IReadOnlyList<ClaimBody.Gpu> Gpus,
    [property: JsonPropertyName("host")] string Host,
    [property: JsonPropertyName("port_mappings")] IReadOnlyList<ClaimBody.PortMap> Ports,
    [property: JsonPropertyName("env")] string Environment,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("fsv")] string? FileSystem)
{
    private const int LeastPort = 22;
    private static readonly string[] Protos = ["tcp", "udp", "http"];

    public static ClaimBody Read(ModelReader body) => new(
        [.. body.Models("gpus").Select(gpu => new Gpu(gpu.Text("uuid")))],
        body.Text("host"),
        [.. body.Models("port_mappings", least: 1).Select(ReadPort)],
        body.Text("env"),
        body.Text("code"),
        body.OptionalText("fsv"));

    public LaunchClaim From(string callerAddress) => new()
    {
        Gpus = [.. Gpus.Select(gpu => gpu.Uuid)],
        Host = Host,
        Ports = [.. Ports.Select(port => new PortMapping(port.Internal, port.External, port.Proto))],
        CallerAddress = callerAddress,
    };

    private static PortMap ReadPort(ModelReader port) => new(
        port.Integer("internal_port", LeastPort, ushort.MaxValue),
        port.Integer("external_port", LeastPort, ushort.MaxValue),
        port.Word("proto", Protos, missing: "tcp"));

    internal sealed record Gpu([property: JsonPropertyName("uuid")] string Uuid);

    internal sealed record PortMap(
        [property: JsonPropertyName("internal_port")] int Internal,
        [property: JsonPropertyName("external_port")] int External,
        [property: JsonPropertyName("proto")] string Proto);
}
