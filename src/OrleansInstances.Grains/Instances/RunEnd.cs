using System.Globalization;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Instances.InstanceStatus;
using Events = OrleansInstances.Instances.InstanceEventTypes;

namespace OrleansInstances.Grains.Instances;

/// <summary>What becomes of an instance when its current run is over, and when nothing of it runs.</summary>
internal static class RunEnd
{
    /// <summary>The reason, in an event's metadata, of what was asked for.</summary>
    private const string Requested = "requested";

    public static InstanceState StartFailed(InstanceState state, InstanceSnapshot instance, string? why, RunReport? report, LifecycleContext context)
    {
        var message = why ?? "The program could not be started.";
        var failed = (state with { Snapshot = instance with { EndedAt = report?.At ?? context.Now } })
            .Log(report?.At ?? context.Now, Events.StartFailed, message);
        return Follow(failed, failed.Snapshot!, context, message, clean: false, requested: false, fenced: false);
    }

    public static InstanceState Ended(InstanceState state, InstanceSnapshot instance, RunReport report, LifecycleContext context)
    {
        var message = report switch
        {
            { Fenced: true, Message: { } why } => why,
            { Signal: { } signal } => $"Ended by {signal}.",
            { ExitCode: { } code } => $"Exited with code {code}.",
            _ => report.Message ?? "Ended; its exit code is unknown.",
        };
        if (report.OutOfMemory)
        {
            var limit = (state.Begun ?? instance.Spec).Limits.MemoryMb;
            message = $"Out of memory at its limit of {limit} MiB. {message}";
            state = state.Log(report.At, Events.Oom, $"The kernel killed processes of it at its memory limit of {limit} MiB.");
        }

        if (report.Fenced)
        {
            state = state.Log(report.At, Events.Fenced, message);
        }

        var started = instance.StartedAt ?? report.StartedAt;
        var byItself = instance.Status != Stopping && !report.StopRequested;
        var ended = (state with
        {
            Snapshot = instance with
            {
                StartedAt = started,
                FirstStartedAt = instance.FirstStartedAt ?? started,
                CompletedAt = byItself && report.ExitCode == 0 ? report.At : null,
                ExitCode = report.ExitCode,
                Signal = report.Signal,
                EndedAt = report.At,
                ConsoleMark = MarksConsole(state, instance) ? Math.Max(instance.ConsoleMark, report.ConsoleEnd) : instance.ConsoleMark,
            },
            ExternalId = null,
            Console = ConsoleAfter(state, instance, report),
        }).Log(
            report.At,
            Events.Exited,
            message,
            ("exit_code", Text(report.ExitCode)),
            ("signal", report.Signal),
            ("reason", report.Fenced ? "fenced" : report.OutOfMemory ? "oom" : byItself ? null : Requested));
        return Follow(ended, ended.Snapshot!, context, message, clean: report.ExitCode == 0, report.StopRequested, report.Fenced);
    }

    /// <summary>Nobody saw the end, but the run can't be alive any more.</summary>
    public static InstanceState Fenced(InstanceState state, InstanceSnapshot instance, string why, LifecycleContext context)
    {
        var fenced = (state with
        {
            Snapshot = instance with { ExitCode = null, Signal = null, EndedAt = context.Now },
            ExternalId = null,
            Console = EndUnseen(state, instance),
        }).Log(context.Now, Events.Fenced, why);
        return Follow(fenced, fenced.Snapshot!, context, why, clean: false, requested: false, fenced: true);
    }

    /// <summary>Something runs, and is to end.</summary>
    public static InstanceState Stop(InstanceState state, InstanceSnapshot instance, LifecycleContext context, InstanceGoal goal) =>
        (state.Change(context.Now, instance with { Status = Stopping, Busy = true, Message = null }) with
        {
            Goal = goal,
            Kill = false,
        }).Log(context.Now, Events.Stopping, "Stopping.", ("reason", goal switch
        {
            InstanceGoal.Restart => "restart",
            InstanceGoal.Delete => "delete",
            InstanceGoal.Heal => "unhealthy",
            InstanceGoal.Move => "move",
            _ => Requested,
        }));

    /// <summary>Asked to stop while nothing runs.</summary>
    public static InstanceState Rest(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        (state.Change(context.Now, instance with { Status = Stopped, Busy = false, Message = null, DueAt = null }) with
        {
            Goal = InstanceGoal.None,
            Kill = false,
            Attempts = 0,
        }).Log(context.Now, Events.Stopped, "Stopped.", ("reason", Requested));

    public static InstanceState Delete(InstanceState state, InstanceSnapshot instance, LifecycleContext context)
    {
        var retain = instance.Spec.Console.RetainSeconds;
        DateTimeOffset? removal = retain > 0 && instance.Epoch > 0 ? context.Now.AddSeconds(retain) : null;
        return (state.Change(context.Now, instance with { Status = Deleted, Busy = false, Message = null, DueAt = removal }) with
        {
            Goal = InstanceGoal.None,
        }).Log(context.Now, Events.Deleted, "Deleted.");
    }

    /// <summary>Only a stop that someone asked for says that what came before it is done with.</summary>
    private static bool MarksConsole(InstanceState state, InstanceSnapshot instance) =>
        instance.Status == Stopping && state.Goal is not (InstanceGoal.Heal or InstanceGoal.Move);

    /// <summary>A node that no longer knows of the run doesn't know either how much it wrote.</summary>
    private static ConsoleOffsets ConsoleAfter(InstanceState state, InstanceSnapshot instance, RunReport report) =>
        report is { ExternalId: null, StopRequested: false } ? EndUnseen(state, instance) : ConsoleOffsets.Of(state).Ended(report.ConsoleEnd);

    private static ConsoleOffsets EndUnseen(InstanceState state, InstanceSnapshot instance) =>
        ConsoleOffsets.Of(state).EndedUnseen(state.BegunAt ?? instance.CreatedAt);

    /// <summary>What follows an end: the goal of a stop that was asked for, else the next node or the restart policy.</summary>
    private static InstanceState Follow(InstanceState state, InstanceSnapshot instance, LifecycleContext context, string message, bool clean, bool requested, bool fenced)
    {
        var begun = state.Begun ?? instance.Spec;
        if (instance.Status == Stopping)
        {
            return state.Goal switch
            {
                InstanceGoal.Restart => StartAttempt.BeginAnew(state, instance, context),
                InstanceGoal.Delete => Delete(state, instance, context),
                InstanceGoal.Heal => EndedByItself(state, instance, context, $"It was unhealthy. {message}", clean: false, again: true),
                InstanceGoal.Move => StartAttempt.Move(state, instance, context),
                _ => Rest(state, instance, context),
            };
        }

        if (fenced && begun.OnNodeLoss == NodeLossPolicy.Move)
        {
            return StartAttempt.Move(state, instance, context);
        }

        if (requested)
        {
            return Rest(state, instance, context);
        }

        var again = begun.Restart.Policy == RestartPolicy.Always || (begun.Restart.Policy == RestartPolicy.OnFailure && !clean);
        return EndedByItself(state, instance, context, message, clean, again);
    }

    /// <summary>The next attempt after a delay, as far as there is one.</summary>
    private static InstanceState EndedByItself(InstanceState state, InstanceSnapshot instance, LifecycleContext context, string message, bool clean, bool again)
    {
        var policy = (state.Begun ?? instance.Spec).Restart;
        var failures = instance.EndedAt - instance.StartedAt >= TimeSpan.FromSeconds(policy.ResetAfterSeconds) ? 0 : state.Attempts;
        if (again && (policy.MaxAttempts == 0 || failures < policy.MaxAttempts))
        {
            var delay = RestartBackoff.Delay(policy, failures, context.Jitter);
            var due = context.Now + delay;
            return (state.Change(context.Now, instance with { Status = Backoff, Busy = false, DueAt = due, Message = $"{message} Next attempt at {due:O}." }) with
            {
                Attempts = failures + 1,
                Goal = InstanceGoal.None,
            }).Log(
                context.Now,
                Events.Backoff,
                $"Next attempt in {delay.TotalSeconds:0.###} s.",
                ("exit_code", Text(instance.ExitCode)),
                ("signal", instance.Signal),
                ("failures", Text(failures + 1)),
                ("due_at", due.ToString("O", CultureInfo.InvariantCulture)));
        }

        var status = clean ? Stopped : Failed;
        var text = again ? $"{message} All {policy.MaxAttempts} attempts are used up." : message;
        return (state.Change(context.Now, instance with { Status = status, Busy = false, Message = clean ? null : text, DueAt = null }) with
        {
            Goal = InstanceGoal.None,
        }).Log(
            context.Now,
            clean ? Events.Stopped : Events.Failed,
            text,
            ("exit_code", Text(instance.ExitCode)),
            ("signal", instance.Signal),
            ("reason", clean ? "completed" : null));
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
