using System.Collections.Concurrent;
using System.Reflection;
using OrleansInstances.Gateway.Tests.Dialects.Chutes;
using OrleansInstances.Instances;
using OrleansInstances.Launches;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests;

/// <summary>Grains that do what a test says.</summary>
internal sealed class ScriptedGrains
{
    private readonly ConcurrentDictionary<Guid, ScriptedInstance> _instances = new();
    private readonly ConcurrentDictionary<string, ScriptedNode> _nodes = new();

    public ScriptedGrains()
    {
        Factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)(object)Factory).Grains = this;
    }

    public IGrainFactory Factory { get; }

    /// <summary>What a created instance answers; the snapshot it is given otherwise.</summary>
    public Func<InstanceSnapshot, InstanceReply>? OnCreate { get; set; }

    /// <summary>All launch configs do the same.</summary>
    public ScriptedLaunchConfig LaunchConfig { get; } = new();

    /// <summary>So do all instances of chutes.</summary>
    public ScriptedChuteInstance ChuteInstance { get; } = new();

    public IEnumerable<ScriptedInstance> Instances => _instances.Values;

    public ScriptedInstance Instance(Guid id) => _instances.GetOrAdd(id, key => new ScriptedInstance(key, this));

    public ScriptedNode Node(string name) => _nodes.GetOrAdd(name, _ => new ScriptedNode());

    /// <summary>The factory's interface differs a little by engine, and only one of its methods is used.</summary>
    private class FactoryProxy : DispatchProxy
    {
        public ScriptedGrains Grains { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod!.GetGenericArguments(), args) switch
        {
            ([var type], [Guid id, ..]) when type == typeof(IInstanceGrain) => Grains.Instance(id),
            ([var type], [Guid id, ..]) when type == typeof(ILaunchConfigGrain) => Grains.LaunchConfig.Of(id),
            ([var type], [Guid id, ..]) when type == typeof(IChuteInstanceGrain) => Grains.ChuteInstance.Of(id),
            ([var type], [string name, ..]) when type == typeof(INodeGrain) => Grains.Node(name),
            _ => throw new NotSupportedException(targetMethod.ToString()),
        };
    }
}
