using System.Collections.Immutable;
using OrleansInstances.Instances;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>What a miner brought up, as an instance like all others.</summary>
public static class RemoteInstance
{
    public const string ChuteLabel = "chute_id";

    public const string ConfigLabel = "launch_config_id";

    /// <summary>It may be followed from any node, since none runs it.</summary>
    public static InstanceSpec SpecOf(ChuteInstanceSnapshot shown) => new()
    {
        Name = shown.ChuteId,
        Driver = Drivers.Remote,
        Remote = new RemoteSpec(shown.Host, shown.Port),
        Health = shown.Ports.FirstOrDefault() is { Proto: "udp" } ? null : new HealthSpec { TcpPort = shown.Port },
        OnNodeLoss = NodeLossPolicy.Move,
        Labels = LabelsOf(shown),
    };

    private static ImmutableDictionary<string, string> LabelsOf(ChuteInstanceSnapshot shown)
    {
        var labels = ImmutableDictionary<string, string>.Empty.Add(ChuteLabel, shown.ChuteId);
        return shown.ConfigId is { } config ? labels.Add(ConfigLabel, config.ToString()) : labels;
    }
}
