using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes.Tests.Testing;

/// <summary>Makes runtimes and orders for tests.</summary>
internal static class TestRuntime
{
    public const string NodeName = "node-1";

    public static async Task<NodeRuntime> StartAsync(string dataFolder, FakeGrains grains, int maxInstances = 100)
    {
        var runtime = new NodeRuntime(
            Options.Create(new NodeOptions { DataFolder = dataFolder, NodeName = NodeName, MaxInstances = maxInstances }),
            grains.Factory,
            TimeProvider.System,
            NullLogger<NodeRuntime>.Instance);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await runtime.StartAsync(deadline.Token);
        return runtime;
    }

    public static RunKey NewRun(long epoch = 1) => new(Guid.NewGuid(), epoch);

    public static StartRun Order(RunKey run, params string[] command) =>
        new(run, new InstanceSpec { Command = command.Length == 0 ? ["/bin/cat"] : [.. command], Env = ImmutableDictionary<string, string>.Empty });
}
