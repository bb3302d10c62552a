using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>How its health is checked: exactly one of <c>command</c>, <c>tcp</c> and <c>http</c>. An empty object checks nothing.</summary>
public sealed record HealthRequest
{
    [JsonPropertyName("command")]
    public IReadOnlyList<string?>? Command { get; init; }

    [JsonPropertyName("tcp")]
    public TcpCheckRequest? Tcp { get; init; }

    [JsonPropertyName("http")]
    public HttpCheckRequest? Http { get; init; }

    [JsonPropertyName("interval_seconds")]
    public double? IntervalSeconds { get; init; }

    [JsonPropertyName("timeout_seconds")]
    public double? TimeoutSeconds { get; init; }

    [JsonPropertyName("retries")]
    public int? Retries { get; init; }

    [JsonPropertyName("start_period_seconds")]
    public double? StartPeriodSeconds { get; init; }

    /// <summary>Whether an unhealthy one is stopped and started again.</summary>
    [JsonPropertyName("restart")]
    public bool? Restart { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>A port of the node's loopback interface that takes connections.</summary>
public sealed record TcpCheckRequest
{
    [JsonPropertyName("port")]
    public int? Port { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>A port of the node's loopback interface that answers GET with a status of 200 to 399.</summary>
public sealed record HttpCheckRequest
{
    [JsonPropertyName("port")]
    public int? Port { get; init; }

    /// <summary><c>/</c> when not given.</summary>
    [JsonPropertyName("path")]
    public string? Path { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
