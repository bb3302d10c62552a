using System.Globalization;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Instances.InstanceStatus;
using Events = OrleansInstances.Instances.InstanceEventTypes;

namespace OrleansInstances.Grains.Instances;

/// <summary>What commands beside the program do to an instance: two events each, whatever becomes of them.</summary>
internal static class InstanceExecs
{
    private const int LongestCommand = 1000;

    public static Transition Begin(InstanceState state, InstanceInput.ExecBegun begun, LifecycleContext context)
    {
        var instance = state.Snapshot!;
        if (instance.Status != Running)
        {
            var status = instance.Status.ToString().ToLowerInvariant();
            return new(state, new Refusal(RefusalKind.Conflict, "not_running", $"The instance is {status}; commands run only in a running one."));
        }

        if ((state.Begun ?? instance.Spec).Driver == Drivers.Remote)
        {
            return new(state, new Refusal(RefusalKind.Conflict, "runs_elsewhere", "The workload runs elsewhere: commands run only on its own host."));
        }

        var text = string.Join(' ', begun.Command.Arguments);
        var exec = new OpenExec(begun.ExecId, text.Length > LongestCommand ? text[..LongestCommand] + "…" : text, begun.Command.By);
        return new((state.Change(context.Now, instance) with { Execs = state.Execs.Add(exec) })
            .Log(
                context.Now,
                Events.ExecStarted,
                $"{exec.By} runs \"{exec.Command}\".",
                ("exec", Text(exec.Id)),
                ("by", exec.By),
                ("command", exec.Command),
                ("terminal", begun.Command.Terminal is null ? "false" : "true")));
    }

    public static InstanceState End(InstanceState state, InstanceInput.ExecEnded ended, LifecycleContext context) =>
        state.Execs.FirstOrDefault(exec => exec.Id == ended.ExecId) is { } exec
            ? Log(state.Change(context.Now, state.Snapshot!) with { Execs = state.Execs.Remove(exec) }, exec, ended.End, context)
            : state;

    /// <summary>
    /// The next state with the commands ended that can't be there any more: they go with their run, and with the silo whose
    /// connections they were on.
    /// </summary>
    public static InstanceState EndWithRun(InstanceState before, InstanceState next, LifecycleContext context)
    {
        if (next.Execs.IsEmpty || ReferenceEquals(before, next))
        {
            return next;
        }

        var why = next.AdoptedBy != before.AdoptedBy ? "The silo that it was connected to has ended."
            : next.Snapshot!.Epoch != before.Snapshot!.Epoch || !IsAlive(next.Snapshot.Status) ? "The run has ended."
            : null;
        return why is null
            ? next
            : next.Execs.Aggregate(next with { Execs = [] }, (state, exec) => Log(state, exec, new ExecEnd(null, why), context));
    }

    private static InstanceState Log(InstanceState state, OpenExec exec, ExecEnd end, LifecycleContext context)
    {
        var how = end switch
        {
            { Message: { } message } => message,
            { ExitCode: { } code } => $"It ended with code {code}.",
            _ => "Its exit code is unknown.",
        };
        return state.Log(
            context.Now,
            Events.ExecEnded,
            $"\"{exec.Command}\" of {exec.By}: {how}",
            ("exec", Text(exec.Id)),
            ("by", exec.By),
            ("command", exec.Command),
            ("exit_code", end.ExitCode?.ToString(CultureInfo.InvariantCulture)));
    }

    private static bool IsAlive(InstanceStatus status) => status is Running or Pausing or Paused or Stopping or Lost;

    private static string Text(Guid id) => id.ToString("D");
}
