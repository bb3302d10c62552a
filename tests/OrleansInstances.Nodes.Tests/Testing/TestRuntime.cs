using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;

namespace OrleansInstances.Nodes.Tests.Testing;

/// <summary>Makes runtimes and orders for tests.</summary>
internal static class TestRuntime
{
    public const string NodeName = "node-1";

    public static async Task<NodeRuntime> StartAsync(string dataFolder, FakeGrains grains, int maxInstances = 100, IOutputStream? stream = null, TimeProvider? time = null, NodeOptions? node = null)
    {
        node ??= new NodeOptions { MaxInstances = maxInstances };
        (node.DataFolder, node.NodeName) = (dataFolder, NodeName);
        var runtime = new NodeRuntime(
            Options.Create(node),
            grains.Factory,
            stream ?? new RecordedStream(),
            time ?? TimeProvider.System,
            NullLogger<NodeRuntime>.Instance);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await runtime.StartAsync(deadline.Token);
        return runtime;
    }

    public static RunKey NewRun(long epoch = 1) => new(Guid.NewGuid(), epoch);

    public static StartRun Order(RunKey run, params string[] command) =>
        new(run, new InstanceSpec { Command = command.Length == 0 ? ["/bin/cat"] : [.. command], Env = ImmutableDictionary<string, string>.Empty });

    public static async Task<int> KeeperPidAsync(string dataFolder)
    {
        using var socket = await KeeperSocket.ConnectAsync(dataFolder, CancellationToken.None);
        var connection = new KeeperConnection(socket, _ => { }, TimeProvider.System);
        await using (connection)
        {
            return (await connection.RequestAsync(new HelloRequest(KeeperProtocol.Version))).Keeper!.Pid;
        }
    }

    /// <summary>Ends the keeper of a data folder and all that it keeps.</summary>
    public static async Task StopKeeperAsync(string dataFolder)
    {
        var pid = await KeeperPidAsync(dataFolder);
        using var keeper = Process.GetProcessById(pid);
        var client = new KeeperClient(dataFolder, new Deaf(), TimeProvider.System, NullLogger.Instance);
        await using (client)
        {
            await client.StartAsync(CancellationToken.None);
            await client.RequestAsync(new ShutdownRequest(0));
        }

        await keeper.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed class Deaf : IKeeperListener
    {
        public void OutputGrew(OutputNotice notice)
        {
        }

        public void Replied(RunRecord run)
        {
        }

        public void Noticed(RunRecord run)
        {
        }

        public void Listed(IReadOnlyList<RunRecord> runs)
        {
        }
    }
}
