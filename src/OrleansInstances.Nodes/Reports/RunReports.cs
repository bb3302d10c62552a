using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Nodes.Reports;

/// <summary>Turns the keeper's records into what grains are told. Pure.</summary>
internal static class RunReports
{
    extension(RunReport report)
    {
        /// <summary>Nothing follows on this run.</summary>
        public bool IsFinal => report.Phase is RunPhase.Exited or RunPhase.StartFailed or RunPhase.NoRoom;
    }

    extension(RunRecord record)
    {
        /// <summary>Nothing of this run is alive.</summary>
        public bool HasEnded => record.Phase is RunRecordPhase.Exited or RunRecordPhase.StartFailed;

        /// <summary>Its program runs or stands still.</summary>
        public bool IsAlive => record.Phase is RunRecordPhase.Running or RunRecordPhase.Paused or RunRecordPhase.Stopping;

        public RunKey Run => new(record.InstanceId, record.Epoch);
    }

    /// <summary>What a record says of its run; null while its start is under way.</summary>
    /// <param name="record">The keeper's word.</param>
    /// <param name="node">This node's name.</param>
    /// <param name="adopter">Null for a run that this silo started itself.</param>
    /// <param name="closedBecause">Why this runtime closed it instead of starting it; null when it didn't.</param>
    /// <param name="now">For what happened without the keeper noting when.</param>
    public static RunReport? Of(RunRecord record, string node, Guid? adopter, string? closedBecause, DateTimeOffset now)
    {
        if (record.Phase == RunRecordPhase.Starting)
        {
            return null;
        }

        var neverRan = closedBecause is not null && record.Pid == 0;
        return new RunReport
        {
            Run = record.Run,
            Node = node,
            Adopted = adopter is not null,
            AdoptedBy = adopter.GetValueOrDefault(),
            Phase = record.Phase switch
            {
                RunRecordPhase.StartFailed => RunPhase.StartFailed,
                RunRecordPhase.Exited => neverRan ? RunPhase.NoRoom : RunPhase.Exited,
                RunRecordPhase.Paused => RunPhase.Paused,
                _ => RunPhase.Running,
            },
            At = record.Phase switch
            {
                RunRecordPhase.Exited or RunRecordPhase.StartFailed => record.EndedAt ?? now,
                RunRecordPhase.Paused => now,
                _ => record.StartedAt,
            },
            StartedAt = record.Pid == 0 ? null : record.StartedAt,
            ExternalId = record.Pid == 0 ? null : $"{record.Pid}/{record.StartTicks}/{record.BootId}",
            ExitCode = record.ExitCode,
            Signal = record.Signal is { } signal ? SignalNames.Format(signal) : null,
            Message = neverRan ? closedBecause : record.Message,
            ConsoleEnd = record.ConsoleEnd,
            StopRequested = record.StopRequested,
            Fenced = record.Fenced,
            OutOfMemory = record.OomKills > 0,
            Enforced = record.Enforced is { } enforced ? new(enforced.Memory, enforced.Cpus, enforced.Pids, enforced.Why) : null,
        };
    }

    /// <summary>The answer for a run that the node has passed: it is over, and how it ended is no longer known.</summary>
    public static RunReport OfPassed(RunKey run, string node, DateTimeOffset now) => new()
    {
        Run = run,
        Node = node,
        Phase = RunPhase.Exited,
        At = now,
        Message = "The node has passed this start attempt; how it ended is no longer known.",
    };

    /// <summary>The keeper would not or could not start the run.</summary>
    public static RunReport OfRefusedStart(RunKey run, string node, string message, DateTimeOffset now) => new()
    {
        Run = run,
        Node = node,
        Phase = RunPhase.StartFailed,
        At = now,
        Message = message,
    };
}
