using OrleansInstances.Grains.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using static OrleansInstances.Instances.InstanceStatus;
using Events = OrleansInstances.Instances.InstanceEventTypes;

namespace OrleansInstances.Grains.Instances;

/// <summary>
/// The life of an instance as a pure function: every transition is here, none of its effects
/// (<see cref="InstanceOrder"/> says what a state asks of a node).
/// </summary>
public static class InstanceLifecycle
{
    /// <summary>In the metadata of an instance's first event: whose it is, also once it is deleted.</summary>
    public const string OwnerKey = "owner";

    public static Transition Apply(InstanceState state, InstanceInput input, LifecycleContext context)
    {
        var transition = Take(state, input, context);
        return transition with { State = InstanceExecs.EndWithRun(state, transition.State, context) };
    }

    private static Transition Take(InstanceState state, InstanceInput input, LifecycleContext context) =>
        (state.Snapshot, input) switch
        {
            (null, InstanceInput.Create create) => Create(state, create, context),
            ({ Status: Deleted, DueAt: { } due } retained, InstanceInput.Due) when due <= context.Now => new(state.Change(context.Now, retained with { DueAt = null })),
            (null or { Status: Deleted }, InstanceInput.Reported or InstanceInput.Due or InstanceInput.OrderRefused) => new(state),
            (null or { Status: Deleted }, _) => Refuse(state, Refusal.NotFound),
            (_, InstanceInput.Create) => new(state),
            ({ } instance, InstanceInput.Update update) => new(state.Change(context.Now, update.Patch.ApplyTo(instance))),
            ({ } instance, InstanceInput.Reported reported) => Report(state, instance, reported.Report, context),
            ({ }, InstanceInput.ExecBegun begun) => InstanceExecs.Begin(state, begun, context),
            ({ }, InstanceInput.ExecEnded ended) => new(InstanceExecs.End(state, ended, context)),
            ({ } instance, InstanceInput.OrderRefused refused) => OrderRefused(state, instance, refused.Refusal, context),
            ({ } instance, InstanceInput.Due) => Due(state, instance, context),
            ({ } instance, _) => Request(state, instance, input, context),
        };

    private static Transition Create(InstanceState state, InstanceInput.Create create, LifecycleContext context)
    {
        var created = new InstanceState
        {
            Snapshot = new InstanceSnapshot
            {
                Id = create.Id,
                Number = create.Number,
                Version = 1,
                Spec = create.Spec,
                Owner = create.Owner,
                Status = Stopped,
                CreatedAt = context.Now,
                UpdatedAt = context.Now,
            },
        }.Log(context.Now, Events.Created, "Created.", (OwnerKey, create.Owner));
        return new(create.StartNow ? Begin(created, created.Snapshot!, context, Events.Starting) : created);
    }

    /// <summary>One line for each status a request can meet.</summary>
    private static Transition Request(InstanceState state, InstanceSnapshot instance, InstanceInput request, LifecycleContext context) =>
        (instance.Status, request) switch
        {
            (Stopping, not (InstanceInput.Delete or InstanceInput.Kill)) when state.Goal == InstanceGoal.Delete => Refuse(state, "being_deleted", "The instance is being deleted."),

            (Pending or Backoff or Stopped or Failed, InstanceInput.Start or InstanceInput.Restart) => new(BeginAnew(state, instance, context)),
            (Starting, InstanceInput.Start) => Refuse(state, "already_starting", "The instance is already starting."),
            (Stopping, InstanceInput.Start or InstanceInput.Restart) => Refuse(state, "stopping", "The instance is stopping; start it again when it has stopped."),
            (_, InstanceInput.Start) => Refuse(state, "already_running", "The instance is already running."),

            (Pending or Backoff, InstanceInput.Stop or InstanceInput.Kill) => new(Rest(state, instance, context)),
            (Stopped or Failed, InstanceInput.Stop or InstanceInput.Kill) => Refuse(state, "not_running", "The instance is not running."),
            (Stopping, InstanceInput.Stop) => new(state.Goal == InstanceGoal.None
                ? state
                : state.Change(context.Now, instance) with { Goal = InstanceGoal.None }),
            (Stopping, InstanceInput.Kill) => new(state is { Kill: true, Goal: InstanceGoal.None or InstanceGoal.Delete }
                ? state
                : state.Change(context.Now, instance) with
                {
                    Kill = true,
                    Goal = state.Goal == InstanceGoal.Delete ? InstanceGoal.Delete : InstanceGoal.None,
                }),
            (_, InstanceInput.Stop) => new(Stop(state, instance, context, InstanceGoal.None)),
            (_, InstanceInput.Kill) => new(Stop(state, instance, context, InstanceGoal.None) with { Kill = true }),
            (_, InstanceInput.Restart) => new(Stop(state, instance, context, InstanceGoal.Restart)),

            (Running, InstanceInput.Pause) => new(state
                .Change(context.Now, instance with { Status = Pausing, Busy = true })
                .Log(context.Now, Events.Pausing, "Pausing.")),
            (Pausing or Paused, InstanceInput.Pause) when state.Goal == InstanceGoal.None => new(state),
            (Paused, InstanceInput.Resume) => new(state.Goal == InstanceGoal.Resume
                ? state
                : state.Change(context.Now, instance with { Busy = true }) with { Goal = InstanceGoal.Resume }),
            (Running, InstanceInput.Resume) => new(state),
            (_, InstanceInput.Pause) => Refuse(state, "not_running", $"The instance is {Word(instance.Status)}; only a running one can be paused."),
            (_, InstanceInput.Resume) => Refuse(state, "not_paused", $"The instance is {Word(instance.Status)}; only a paused one can be resumed."),

            (Pending or Backoff or Stopped or Failed, InstanceInput.Delete) => new(Delete(state, instance, context)),
            (Stopping, InstanceInput.Delete) => new(state.Goal == InstanceGoal.Delete
                ? state
                : state.Change(context.Now, instance) with { Goal = InstanceGoal.Delete }),
            (_, InstanceInput.Delete) => new(Stop(state, instance, context, InstanceGoal.Delete)),

            _ => throw new InvalidOperationException($"No rule for {request.GetType().Name} in status {instance.Status}."),
        };

    private static Transition Report(InstanceState state, InstanceSnapshot instance, RunReport report, LifecycleContext context)
    {
        if (report.Run.Epoch != instance.Epoch || instance.Status is Pending or Backoff or Stopped or Failed)
        {
            return new(state);
        }

        return new(report.Phase switch
        {
            RunPhase.Running => HealthReported(RunReported(state, instance, report, context), report, context),
            RunPhase.Paused => PauseReported(state, instance, context),
            RunPhase.Exited => Ended(state, instance, report, context),
            RunPhase.StartFailed => StartFailed(state, instance, report.Message, report, context),
            RunPhase.NoRoom when instance.Status == Stopping => Ended(state, instance, report, context),
            RunPhase.NoRoom => Await(state, Unbind(instance), context, report.Message ?? $"Node {report.Node} has no room."),
            _ => throw new InvalidOperationException($"No rule for a report of {report.Phase}."),
        });
    }

    private static InstanceState RunReported(InstanceState state, InstanceSnapshot instance, RunReport report, LifecycleContext context) =>
        instance.Status switch
        {
            Starting => (state.Change(context.Now, instance with
            {
                Status = Running,
                Busy = false,
                StartedAt = report.At,
                FirstStartedAt = instance.FirstStartedAt ?? report.At,
                Enforced = report.Enforced,
            }) with
            {
                ExternalId = report.ExternalId,
            }).Log(report.At, Events.Started, $"Started on {report.Node}.", ("node", report.Node)),
            Paused when !report.Adopted || state.Goal == InstanceGoal.Resume => (state.Change(context.Now, instance with { Status = Running, Busy = false }) with
            {
                Goal = InstanceGoal.None,
            }).Log(context.Now, Events.Resumed, "Resumed."),
            Pausing when !report.Adopted => state.Change(
                context.Now,
                instance with { Status = Running, Busy = false, Message = "Not every process of it could be paused." }),
            Running when report.Adopted && report.AdoptedBy != state.AdoptedBy => (state.Change(context.Now, instance) with
            {
                AdoptedBy = report.AdoptedBy,
            }).Log(context.Now, Events.Adopted, $"Adopted on {report.Node}.", ("node", report.Node)),
            _ => state,
        };

    private static InstanceState HealthReported(InstanceState state, RunReport report, LifecycleContext context)
    {
        var instance = state.Snapshot!;
        if (instance.Status != Running || report.Health == InstanceHealth.Unknown || report.Health == instance.Health)
        {
            return state;
        }

        if (report.Health == InstanceHealth.Healthy)
        {
            return state
                .Change(context.Now, instance with { Health = InstanceHealth.Healthy, Message = null })
                .Log(context.Now, Events.Healthy, "Healthy.");
        }

        var why = $"Unhealthy: {report.HealthMessage}";
        var unhealthy = state
            .Change(context.Now, instance with { Health = InstanceHealth.Unhealthy, Message = why })
            .Log(context.Now, Events.Unhealthy, why);
        return (state.Begun ?? instance.Spec).Health is { Restart: true }
            ? Stop(unhealthy, unhealthy.Snapshot!, context, InstanceGoal.Heal)
            : unhealthy;
    }

    private static InstanceState PauseReported(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        instance.Status switch
        {
            Starting or Running or Pausing => state
                .Change(context.Now, instance with { Status = Paused, Busy = false })
                .Log(context.Now, Events.Paused, "Paused."),
            _ => state,
        };

    private static Transition OrderRefused(InstanceState state, InstanceSnapshot instance, Refusal refusal, LifecycleContext context) =>
        instance.Status switch
        {
            Starting => new(StartFailed(state, instance, refusal.Message, report: null, context)),
            Pausing => new(state.Change(context.Now, instance with { Status = Running, Busy = false, Message = refusal.Message })),
            Paused when state.Goal == InstanceGoal.Resume => new(state.Change(context.Now, instance with { Busy = false, Message = refusal.Message }) with
            {
                Goal = InstanceGoal.None,
            }),
            _ => new(state),
        };

    private static Transition Due(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        instance.Status switch
        {
            Pending => new(Begin(state, instance, context, Events.Starting)),
            Backoff when instance.DueAt <= context.Now => new(Begin(state, instance, context, Events.Restarted)),
            _ => new(state),
        };

    /// <summary>A start that someone asked for: the count of failures begins anew.</summary>
    private static InstanceState BeginAnew(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        Begin(state with { Attempts = 0 }, instance, context, Events.Starting);

    /// <summary>The intent of a start: a node and the next epoch; or none, and it waits for a node or another instance.</summary>
    private static InstanceState Begin(InstanceState state, InstanceSnapshot instance, LifecycleContext context, string eventType)
    {
        if (context.WaitsFor is { } dependency)
        {
            return Await(state, instance, context, dependency);
        }

        var placement = NodePlacement.Choose(instance, context.Nodes);
        if (placement.Node is not { } node)
        {
            return Await(state, instance, context, placement.Reason);
        }

        var epoch = instance.Epoch + 1;
        var begun = state.Change(context.Now, instance with
        {
            Status = Starting,
            Busy = true,
            Epoch = epoch,
            Node = node.Name,
            ExitCode = null,
            Signal = null,
            Message = null,
            StartedAt = null,
            EndedAt = null,
            DueAt = null,
            Health = InstanceHealth.Unknown,
            Enforced = null,
            CompletedAt = null,
            Region = instance.Spec.Region ?? node.Regions.FirstOrDefault(region => region != "*"),
        }) with
        {
            Goal = InstanceGoal.None,
            Kill = false,
            ExternalId = null,
            Begun = instance.Spec,
            Incarnation = node.Incarnation,
        };
        if (instance.Node != node.Name)
        {
            begun = begun.Log(context.Now, Events.Scheduled, $"Scheduled on {node.Name}.", ("node", node.Name));
        }

        return begun.Log(context.Now, eventType, $"Start attempt {epoch} on {node.Name}.", ("node", node.Name));
    }

    /// <summary>Nowhere to run, or not yet: it waits, and nothing changes while the reason stays the same.</summary>
    private static InstanceState Await(InstanceState state, InstanceSnapshot instance, LifecycleContext context, string reason) =>
        instance.Status == Pending && instance.Message == reason
            ? state
            : state.Change(context.Now, instance with { Status = Pending, Busy = false, Message = reason, DueAt = null }) with
            {
                Goal = InstanceGoal.None,
                Kill = false,
            };

    /// <summary>An instance that has never run belongs to no node yet; one that has, keeps its output there.</summary>
    private static InstanceSnapshot Unbind(InstanceSnapshot instance) =>
        instance.Epoch == 1 ? instance with { Node = null, Region = null } : instance;

    private static InstanceState Stop(InstanceState state, InstanceSnapshot instance, LifecycleContext context, InstanceGoal goal) =>
        (state.Change(context.Now, instance with { Status = Stopping, Busy = true, Message = null }) with
        {
            Goal = goal,
            Kill = false,
        }).Log(context.Now, Events.Stopping, "Stopping.");

    /// <summary>Asked to stop while nothing runs.</summary>
    private static InstanceState Rest(InstanceState state, InstanceSnapshot instance, LifecycleContext context) =>
        (state.Change(context.Now, instance with { Status = Stopped, Busy = false, Message = null, DueAt = null }) with
        {
            Goal = InstanceGoal.None,
            Kill = false,
            Attempts = 0,
        }).Log(context.Now, Events.Stopped, "Stopped.");

    private static InstanceState Delete(InstanceState state, InstanceSnapshot instance, LifecycleContext context)
    {
        var retain = instance.Spec.Console.RetainSeconds;
        DateTimeOffset? removal = retain > 0 && instance.Epoch > 0 ? context.Now.AddSeconds(retain) : null;
        return (state.Change(context.Now, instance with { Status = Deleted, Busy = false, Message = null, DueAt = removal }) with
        {
            Goal = InstanceGoal.None,
        }).Log(context.Now, Events.Deleted, "Deleted.");
    }

    private static InstanceState StartFailed(InstanceState state, InstanceSnapshot instance, string? why, RunReport? report, LifecycleContext context)
    {
        var message = why ?? "The program could not be started.";
        var failed = (state with { Snapshot = instance with { EndedAt = report?.At ?? context.Now } })
            .Log(report?.At ?? context.Now, Events.StartFailed, message);
        return AfterEnd(failed, failed.Snapshot!, context, message, clean: false, requested: false);
    }

    private static InstanceState Ended(InstanceState state, InstanceSnapshot instance, RunReport report, LifecycleContext context)
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
            state = state.Log(report.At, Events.Oom, $"The kernel killed processes of it at its memory limit of {limit} MiB.", ("node", report.Node));
            instance = state.Snapshot!;
        }

        if (report.Fenced)
        {
            state = state.Log(report.At, Events.Fenced, message, ("node", report.Node));
            instance = state.Snapshot!;
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
                ConsoleMark = instance.Status == Stopping && state.Goal != InstanceGoal.Heal ? Math.Max(instance.ConsoleMark, report.ConsoleEnd) : instance.ConsoleMark,
            },
            ExternalId = null,
        }).Log(
            report.At,
            Events.Exited,
            message,
            ("node", report.Node),
            ("exit_code", report.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("signal", report.Signal));
        return AfterEnd(ended, ended.Snapshot!, context, message, clean: report.ExitCode == 0, report.StopRequested);
    }

    /// <summary>What follows an end: the goal of a stop that was asked for, else the restart policy.</summary>
    private static InstanceState AfterEnd(InstanceState state, InstanceSnapshot instance, LifecycleContext context, string message, bool clean, bool requested)
    {
        if (instance.Status == Stopping)
        {
            return state.Goal switch
            {
                InstanceGoal.Restart => BeginAnew(state, instance, context),
                InstanceGoal.Delete => Delete(state, instance, context),
                InstanceGoal.Heal => EndedByItself(state, instance, context, $"It was unhealthy. {message}", clean: false, again: true),
                _ => Rest(state, instance, context),
            };
        }

        if (requested)
        {
            return Rest(state, instance, context);
        }

        var policy = (state.Begun ?? instance.Spec).Restart.Policy;
        var again = policy == RestartPolicy.Always || (policy == RestartPolicy.OnFailure && !clean);
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
            }).Log(context.Now, Events.Backoff, $"Next attempt in {delay.TotalSeconds:0.###} s.");
        }

        var status = clean ? Stopped : Failed;
        var text = again ? $"{message} All {policy.MaxAttempts} attempts are used up." : message;
        return (state.Change(context.Now, instance with { Status = status, Busy = false, Message = clean ? null : text, DueAt = null }) with
        {
            Goal = InstanceGoal.None,
        }).Log(context.Now, clean ? Events.Stopped : Events.Failed, text);
    }

    private static Transition Refuse(InstanceState state, string code, string message) =>
        new(state, new Refusal(RefusalKind.Conflict, code, message));

    private static Transition Refuse(InstanceState state, Refusal refusal) => new(state, refusal);

    private static string Word(InstanceStatus status) => status.ToString().ToLowerInvariant();
}
