using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;

namespace OrleansInstances.Nodes;

/// <summary>What the keeper is asked for a start.</summary>
internal static class StartRequests
{
    /// <param name="files">The instance's own folder.</param>
    public static StartRequest Of(StartRun order, string files)
    {
        var spec = order.Spec;
        return new StartRequest(
            order.Run.InstanceId,
            order.Run.Epoch,
            spec.Command,
            ProcessEnvironment.Compose(files, spec.Env),
            spec.Cwd,
            spec.Stdin == StdinMode.NeverEof,
            spec.Console.MaxBytes)
        {
            Split = spec.Console.Split,
            Move = spec.OnNodeLoss == NodeLossPolicy.Move,
            ConsoleFrom = order.ConsoleFrom,
            Incarnation = NodeLease.NameOf(order.Incarnation),
            Note = RunNote.Write(spec),
            User = UserOf(spec.User),
            Limits = spec.Limits is { Any: true } limits ? new RunLimits(limits.MemoryMb << 20, limits.Cpus, limits.Pids, limits.Required) : null,
        };
    }

    public static RunUser? UserOf(InstanceUser? user) =>
        user is null ? null : new RunUser((uint)user.Uid, (uint)user.Gid, [.. user.Groups.Select(group => (uint)group)], user.NoNewPrivileges);
}
