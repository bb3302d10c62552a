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
            ({ } instance, InstanceInput.Noted noted) => new(Note(state, instance, noted.Note, context)),
            ({ } instance, InstanceInput.Reported reported) => ReportedRun.Apply(state, instance, reported.Report, context),
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
        return new(create.StartNow ? StartAttempt.Begin(created, created.Snapshot!, context, Events.Starting) : created);
    }

    /// <summary>One line for each status a request can meet.</summary>
    private static Transition Request(InstanceState state, InstanceSnapshot instance, InstanceInput request, LifecycleContext context) =>
        (instance.Status, request) switch
        {
            (Lost, _) => NodeLoss.Request(state, instance, request, context, (back, asked) => Request(back, back.Snapshot!, asked, context)),
            (Stopping, not (InstanceInput.Delete or InstanceInput.Kill)) when state.Goal == InstanceGoal.Delete => Refuse(state, "being_deleted", "The instance is being deleted."),

            (Pending or Backoff or Stopped or Failed, InstanceInput.Start or InstanceInput.Restart) => new(StartAttempt.BeginAnew(state, instance, context)),
            (Starting, InstanceInput.Start) => Refuse(state, "already_starting", "The instance is already starting."),
            (Stopping, InstanceInput.Start or InstanceInput.Restart) => Refuse(state, "stopping", "The instance is stopping; start it again when it has stopped."),
            (_, InstanceInput.Start) => Refuse(state, "already_running", "The instance is already running."),

            (Pending or Backoff, InstanceInput.Stop or InstanceInput.Kill) => new(RunEnd.Rest(state, instance, context)),
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
            (_, InstanceInput.Stop) => new(RunEnd.Stop(state, instance, context, InstanceGoal.None)),
            (_, InstanceInput.Kill) => new(RunEnd.Stop(state, instance, context, InstanceGoal.None) with { Kill = true }),
            (_, InstanceInput.Restart) => new(RunEnd.Stop(state, instance, context, InstanceGoal.Restart)),

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

            (Pending or Backoff or Stopped or Failed, InstanceInput.Delete) => new(RunEnd.Delete(state, instance, context)),
            (Stopping, InstanceInput.Delete) => new(state.Goal == InstanceGoal.Delete
                ? state
                : state.Change(context.Now, instance) with { Goal = InstanceGoal.Delete }),
            (_, InstanceInput.Delete) => new(RunEnd.Stop(state, instance, context, InstanceGoal.Delete)),

            (Stopping, InstanceInput.Move) => new(state),
            (Starting or Running or Pausing or Paused, InstanceInput.Move) => Move(state, instance, context),
            (_, InstanceInput.Move) => Refuse(state, "not_running", $"The instance is {Word(instance.Status)}; there is nothing to move."),

            _ => throw new InvalidOperationException($"No rule for {request.GetType().Name} in status {instance.Status}."),
        };

    private static Transition Move(InstanceState state, InstanceSnapshot instance, LifecycleContext context)
    {
        if (instance.Spec.OnNodeLoss != NodeLossPolicy.Move)
        {
            return Refuse(state, "stays", "The instance waits for its node and is never moved.");
        }

        return StartAttempt.ChooseOther(instance, context.Nodes) is { Node: null } none
            ? Refuse(state, "nowhere_to_go", $"No other node takes the instance: {none.Reason}")
            : new(RunEnd.Stop(state, instance, context, InstanceGoal.Move));
    }

    private static InstanceState Note(InstanceState state, InstanceSnapshot instance, InstanceNote note, LifecycleContext context) =>
        state.Notes.Contains(note.Type)
            ? state
            : (state.Change(context.Now, instance) with { Notes = state.Notes.Add(note.Type) }).Log(note.At, note.Type, note.Message);

    private static Transition OrderRefused(InstanceState state, InstanceSnapshot instance, Refusal refusal, LifecycleContext context) =>
        instance.Status switch
        {
            Starting when refusal.Code == NodeReply.StaleIncarnation => new(StartAttempt.BeginAgain(state, instance, context)),
            Starting => new(RunEnd.StartFailed(state, instance, refusal.Message, report: null, context)),
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
            _ when NodeLoss.Concerns(instance) => new(NodeLoss.Look(state, instance, context)),
            Pending when state.Goal == InstanceGoal.Move => new(StartAttempt.Move(state, instance, context)),
            Pending => new(StartAttempt.Begin(state, instance, context, Events.Starting)),
            Backoff when instance.DueAt <= context.Now => new(StartAttempt.Begin(state, instance, context, Events.Restarted)),
            _ => new(state),
        };

    private static Transition Refuse(InstanceState state, string code, string message) =>
        new(state, new Refusal(RefusalKind.Conflict, code, message));

    private static Transition Refuse(InstanceState state, Refusal refusal) => new(state, refusal);

    private static string Word(InstanceStatus status) => status.ToString().ToLowerInvariant();
}
