using System.Text.Json.Serialization;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>An instance in koyeb's lists. What is not known is "", 0 or [], and a time null; nothing is ever left out.</summary>
public record KoyebListItem
{
    public KoyebListItem(InstanceSnapshot instance)
    {
        var deployment = instance.Spec.Deployment ?? new();
        Id = instance.Id;
        CreatedAt = KoyebTime.Of(instance.CreatedAt);
        UpdatedAt = KoyebTime.Of(instance.UpdatedAt);
        OrganizationId = instance.Owner;
        AppId = deployment.AppId ?? "";
        ServiceId = deployment.ServiceId ?? "";
        RegionalDeploymentId = deployment.RegionalDeploymentId ?? "";
        AllocationId = deployment.AllocationId ?? "";
        Type = deployment.Type ?? DefaultType;
        ReplicaIndex = deployment.ReplicaIndex ?? 0;
        Region = instance.Region ?? instance.Spec.Region ?? "";
        Datacenter = deployment.Datacenter ?? "";
        Status = KoyebStatus.Of(instance);
        Messages = instance.Message is { } message ? [message] : [];
        DeploymentId = deployment.DeploymentId ?? "";
    }

    /// <summary>Of what was ordered as no size in particular.</summary>
    private const string DefaultType = "free";

    [JsonPropertyName("id")]
    public Guid Id { get; }

    [JsonPropertyName("created_at")]
    public DateTime CreatedAt { get; }

    [JsonPropertyName("updated_at")]
    public DateTime UpdatedAt { get; }

    /// <summary>The owner of the key that created it.</summary>
    [JsonPropertyName("organization_id")]
    public string OrganizationId { get; }

    [JsonPropertyName("app_id")]
    public string AppId { get; }

    [JsonPropertyName("service_id")]
    public string ServiceId { get; }

    [JsonPropertyName("regional_deployment_id")]
    public string RegionalDeploymentId { get; }

    [JsonPropertyName("allocation_id")]
    public string AllocationId { get; }

    [JsonPropertyName("type")]
    public string Type { get; }

    [JsonPropertyName("replica_index")]
    public int ReplicaIndex { get; }

    [JsonPropertyName("region")]
    public string Region { get; }

    [JsonPropertyName("datacenter")]
    public string Datacenter { get; }

    [JsonPropertyName("status")]
    public string Status { get; }

    /// <summary>Why it stands where it stands, for people.</summary>
    [JsonPropertyName("messages")]
    public IReadOnlyList<string> Messages { get; }

    /// <summary>What <c>deployment_id</c> filters by.</summary>
    [JsonPropertyName("xyz_deployment_id")]
    public string DeploymentId { get; }
}

/// <summary>One instance, with what lists leave out.</summary>
public sealed record KoyebInstance : KoyebListItem
{
    public KoyebInstance(InstanceSnapshot instance)
        : base(instance)
    {
        Hypervisor = instance.Node ?? "";
        StartedAt = KoyebTime.Of(instance.FirstStartedAt);
        SucceededAt = KoyebTime.Of(instance.CompletedAt);
        TerminatedAt = KoyebTime.Of(instance.FinishedAt());
    }

    /// <summary>The node that runs it or ran it last.</summary>
    [JsonPropertyName("hypervisor")]
    public string Hypervisor { get; }

    /// <summary>When it started first.</summary>
    [JsonPropertyName("started_at")]
    public DateTime? StartedAt { get; }

    /// <summary>When its program ended by itself with exit code 0.</summary>
    [JsonPropertyName("succeeded_at")]
    public DateTime? SucceededAt { get; }

    /// <summary>When it ended, as long as it is at rest.</summary>
    [JsonPropertyName("terminated_at")]
    public DateTime? TerminatedAt { get; }
}
