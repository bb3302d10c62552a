using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>The body that creates or changes an instance: starpod's name and region, and what to run. Null is "not given".</summary>
public sealed record InstanceRequest
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("region")]
    public string? Region { get; init; }

    [JsonPropertyName("node")]
    public string? Node { get; init; }

    /// <summary>What its node must have.</summary>
    [JsonPropertyName("node_labels")]
    public IReadOnlyDictionary<string, string?>? NodeLabels { get; init; }

    [JsonPropertyName("driver")]
    public string? Driver { get; init; }

    [JsonPropertyName("command")]
    public IReadOnlyList<string?>? Command { get; init; }

    [JsonPropertyName("env")]
    public IReadOnlyDictionary<string, string?>? Env { get; init; }

    [JsonPropertyName("cwd")]
    public string? Cwd { get; init; }

    [JsonPropertyName("stop")]
    public StopRequest? Stop { get; init; }

    [JsonPropertyName("restart")]
    public RestartRequest? Restart { get; init; }

    [JsonPropertyName("user")]
    public UserRequest? User { get; init; }

    [JsonPropertyName("limits")]
    public LimitsRequest? Limits { get; init; }

    [JsonPropertyName("health")]
    public HealthRequest? Health { get; init; }

    [JsonPropertyName("depends_on")]
    public IReadOnlyList<DependencyRequest?>? DependsOn { get; init; }

    [JsonPropertyName("console")]
    public ConsoleRequest? Console { get; init; }

    /// <summary><c>closable</c> or <c>never-eof</c>.</summary>
    [JsonPropertyName("stdin")]
    public string? Stdin { get; init; }

    /// <summary><c>wait</c> or <c>move</c>.</summary>
    [JsonPropertyName("on_node_loss")]
    public string? OnNodeLoss { get; init; }

    [JsonPropertyName("labels")]
    public IReadOnlyDictionary<string, string?>? Labels { get; init; }

    [JsonPropertyName("app_id")]
    public string? AppId { get; init; }

    [JsonPropertyName("service_id")]
    public string? ServiceId { get; init; }

    [JsonPropertyName("deployment_id")]
    public string? DeploymentId { get; init; }

    [JsonPropertyName("regional_deployment_id")]
    public string? RegionalDeploymentId { get; init; }

    [JsonPropertyName("allocation_id")]
    public string? AllocationId { get; init; }

    [JsonPropertyName("replica_index")]
    public int? ReplicaIndex { get; init; }

    [JsonPropertyName("type")]
    public string? Type { get; init; }

    [JsonPropertyName("datacenter")]
    public string? Datacenter { get; init; }

    /// <summary>Whether to start it at once; true when not given.</summary>
    [JsonPropertyName("start")]
    public bool? Start { get; init; }

    /// <summary>What else the body has: ignored, but for fields that are promised and not there yet.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>How to stop it.</summary>
public sealed record StopRequest
{
    [JsonPropertyName("signal")]
    public string? Signal { get; init; }

    [JsonPropertyName("timeout_seconds")]
    public double? TimeoutSeconds { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>When to start it again.</summary>
public sealed record RestartRequest
{
    /// <summary><c>never</c>, <c>on-failure</c> or <c>always</c>.</summary>
    [JsonPropertyName("policy")]
    public string? Policy { get; init; }

    [JsonPropertyName("backoff_seconds")]
    public double? BackoffSeconds { get; init; }

    [JsonPropertyName("max_backoff_seconds")]
    public double? MaxBackoffSeconds { get; init; }

    [JsonPropertyName("reset_after_seconds")]
    public double? ResetAfterSeconds { get; init; }

    [JsonPropertyName("max_attempts")]
    public int? MaxAttempts { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <summary>What is kept of its output.</summary>
public sealed record ConsoleRequest
{
    [JsonPropertyName("max_bytes")]
    public long? MaxBytes { get; init; }

    /// <summary>Whether stdout and stderr are told apart.</summary>
    [JsonPropertyName("split")]
    public bool? Split { get; init; }

    /// <summary>How long output is kept after the instance was deleted.</summary>
    [JsonPropertyName("retain_seconds")]
    public double? RetainSeconds { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
