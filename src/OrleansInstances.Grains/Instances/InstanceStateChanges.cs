using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>How a state becomes the next one: version, time and event numbers are kept here and nowhere else.</summary>
internal static class InstanceStateChanges
{
    /// <summary>The next version of the instance.</summary>
    public static InstanceState Change(this InstanceState state, DateTimeOffset now, InstanceSnapshot instance) => state with
    {
        Snapshot = instance with { Version = state.Snapshot!.Version + 1, UpdatedAt = now },
    };

    /// <summary>Puts an event into the outbox. Its metadata has the instance's node besides what is given; what has no value is left out.</summary>
    public static InstanceState Log(this InstanceState state, DateTimeOffset now, string type, string message, params ReadOnlySpan<(string Key, string? Value)> metadata)
    {
        var instance = state.Snapshot!;
        var pairs = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var (key, value) in (ReadOnlySpan<(string Key, string? Value)>)[("node", instance.Node), .. metadata])
        {
            if (value is not null)
            {
                pairs.Add(key, value);
            }
        }

        var sequence = state.LastEvent + 1;
        return state with
        {
            LastEvent = sequence,
            Outbox = state.Outbox.Add(new InstanceEvent(instance.Id, sequence, type, now, instance.Epoch, message, pairs.ToImmutable())),
        };
    }

    /// <summary>The instance with the patch's values in its spec.</summary>
    public static InstanceSnapshot ApplyTo(this InstancePatch patch, InstanceSnapshot instance)
    {
        var spec = instance.Spec;
        return instance with
        {
            Spec = spec with
            {
                Name = patch.Name ?? spec.Name,
                Region = patch.Region ?? spec.Region,
                Node = patch.Node ?? spec.Node,
                Command = patch.Command ?? spec.Command,
                Env = patch.Env ?? spec.Env,
                Cwd = patch.Cwd ?? spec.Cwd,
                Stop = patch.Stop ?? spec.Stop,
                Restart = patch.Restart ?? spec.Restart,
                Console = patch.Console ?? spec.Console,
                Stdin = patch.Stdin ?? spec.Stdin,
                OnNodeLoss = patch.OnNodeLoss ?? spec.OnNodeLoss,
                Labels = patch.Labels ?? spec.Labels,
                Health = patch.Health is { Kinds: 0 } ? null : patch.Health ?? spec.Health,
                DependsOn = patch.DependsOn ?? spec.DependsOn,
                User = patch.User is { Uid: < 0 } ? null : patch.User ?? spec.User,
                Limits = patch.Limits ?? spec.Limits,
                NodeLabels = patch.NodeLabels ?? spec.NodeLabels,
                Deployment = patch.Deployment is { } change ? (spec.Deployment ?? new()).With(change) : spec.Deployment,
            },
        };
    }
}
