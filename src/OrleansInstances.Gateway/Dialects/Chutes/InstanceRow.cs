using System.Text.Json.Serialization;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>What a miner brought up, as the reference's table has it; without its key.</summary>
internal sealed record InstanceRow
{
    /// <summary>Nobody says where miners are.</summary>
    private const string NoRegion = "n/a";

    public InstanceRow(ChuteInstanceSnapshot instance)
    {
        InstanceId = instance.InstanceId;
        Host = instance.Host;
        Port = instance.Port;
        ChuteId = instance.ChuteId;
        Version = instance.Version;
        MinerUid = instance.MinerUid;
        MinerHotkey = instance.MinerHotkey;
        MinerColdkey = instance.MinerColdkey;
        Active = instance.Active;
        Verified = instance.Verified;
        CreatedAt = NaiveTime.Of(instance.CreatedAt);
        UpdatedAt = NaiveTime.Of(instance.UpdatedAt);
        LastVerifiedAt = instance.VerifiedAt is { } verifiedAt ? NaiveTime.Of(verifiedAt) : null;
        VerificationError = instance.VerificationError;
        ChutesVersion = instance.ChutesVersion;
        ConfigId = instance.ConfigId;
        PortMappings = instance.Ports.IsEmpty ? null : [.. instance.Ports.Select(port => new Bodies.ClaimBody.PortMap(port.InternalPort, port.ExternalPort, port.Proto))];
    }

    [JsonPropertyName("instance_id")]
    public Guid InstanceId { get; }

    [JsonPropertyName("host")]
    public string Host { get; }

    [JsonPropertyName("port")]
    public int Port { get; }

    [JsonPropertyName("chute_id")]
    public string ChuteId { get; }

    [JsonPropertyName("version")]
    public string Version { get; }

    [JsonPropertyName("miner_uid")]
    public int MinerUid { get; }

    [JsonPropertyName("miner_hotkey")]
    public string MinerHotkey { get; }

    [JsonPropertyName("miner_coldkey")]
    public string MinerColdkey { get; }

    [JsonPropertyName("region")]
    public string Region => NoRegion;

    [JsonPropertyName("active")]
    public bool Active { get; }

    [JsonPropertyName("verified")]
    public bool Verified { get; }

    /// <summary>Nothing is sent to instances here.</summary>
    [JsonPropertyName("last_queried_at")]
    public string? LastQueriedAt => null;

    [JsonPropertyName("created_at")]
    public string CreatedAt { get; }

    [JsonPropertyName("updated_at")]
    public string UpdatedAt { get; }

    [JsonPropertyName("last_verified_at")]
    public string? LastVerifiedAt { get; }

    [JsonPropertyName("verification_error")]
    public string? VerificationError { get; }

    [JsonPropertyName("consecutive_failures")]
    public int ConsecutiveFailures => 0;

    [JsonPropertyName("chutes_version")]
    public string? ChutesVersion { get; }

    [JsonPropertyName("config_id")]
    public Guid? ConfigId { get; }

    [JsonPropertyName("cacert")]
    public string? CaCert => null;

    [JsonPropertyName("port_mappings")]
    public IReadOnlyList<Bodies.ClaimBody.PortMap>? PortMappings { get; }
}
