using OrleansInstances.Keeper.Connections;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>What each request about a run does: look the run up, refuse or act, answer with its record.</summary>
internal sealed class RunRequests(KeeperContext context, RunTable runs)
{
    private readonly RunStart _start = new(context);
    private readonly RunStop _stop = new(context);
    private readonly RemovedFolders _removed = new(context.DataFolder, context.Logger);

    /// <summary>No more starts: the keeper is about to end.</summary>
    public bool IsClosed { get; set; }

    public KeeperMessage Start(StartRequest request)
    {
        var known = runs.Find(request.InstanceId);
        if (known is not null && request.Epoch <= known.Record.Epoch)
        {
            return request.Epoch == known.Record.Epoch ? Replies.Of(known.Record) : RunTable.Stale(known, request.Epoch);
        }

        if (known is { IsAlive: true })
        {
            return Replies.Refused(KeeperErrorCodes.Conflict, $"Epoch {known.Record.Epoch} is still alive.", known.Record);
        }

        if (IsClosed)
        {
            return Replies.Refused(KeeperErrorCodes.Failed, "The keeper is shutting down.");
        }

        RequireReadableRecord(request.InstanceId, known);
        var run = _start.Begin(request, known?.Record.ConsoleEnd ?? 0, MainEnded);
        runs.Set(run);
        return Replies.Of(run.Record);
    }

    public KeeperMessage Stop(StopRequest request)
    {
        if (InvalidSignal(request.Signal) is { } invalid)
        {
            return invalid;
        }

        var known = runs.Find(request.InstanceId);
        if (known is null || request.Epoch > known.Record.Epoch)
        {
            return CloseEpoch(request, known);
        }

        if (request.Epoch < known.Record.Epoch)
        {
            return RunTable.Stale(known, request.Epoch);
        }

        if (known.IsAlive)
        {
            _stop.Begin(known, request.Signal, TimeSpan.FromMilliseconds(request.TimeoutMs));
        }

        return Replies.Of(known.Record);
    }

    public KeeperMessage Signal(SignalRequest request)
    {
        if (InvalidSignal(request.Signal) is { } invalid)
        {
            return invalid;
        }

        if (runs.FindRunning(request.InstanceId, request.Epoch, out var refusal) is not { } run)
        {
            return refusal!;
        }

        return run.Main!.TrySignal(request.Signal) switch
        {
            0 => Replies.Of(run.Record),
            Errno.NoProcess => Replies.Refused(KeeperErrorCodes.Conflict, "It has ended.", run.Record),
            var errno => throw new PosixException($"signal {request.Signal}", errno),
        };
    }

    /// <summary>Replies when the tree stands.</summary>
    public void Pause(PauseRequest request, ReplyTo reply)
    {
        if (runs.FindRunning(request.InstanceId, request.Epoch, out var refusal) is not { } run)
        {
            reply.Send(refusal!);
        }
        else if (run.Record.Phase == RunRecordPhase.Stopping)
        {
            reply.Send(Replies.Refused(KeeperErrorCodes.Conflict, "It is being stopped.", run.Record));
        }
        else if (run.Record.Phase == RunRecordPhase.Paused)
        {
            reply.Send(Replies.Of(run.Record));
        }
        else
        {
            if (run.Pause is null)
            {
                new RunPause(run, context).Begin();
            }

            run.Pause!.Await(reply);
        }
    }

    /// <summary>Replies when the whole tree was told to go on.</summary>
    public void Resume(ResumeRequest request, ReplyTo reply)
    {
        if (runs.FindRunning(request.InstanceId, request.Epoch, out var refusal) is not { } run)
        {
            reply.Send(refusal!);
            return;
        }

        if (run.Record.Phase == RunRecordPhase.Stopping)
        {
            reply.Send(Replies.Refused(KeeperErrorCodes.Conflict, "It is being stopped.", run.Record));
            return;
        }

        run.Pause?.Fail("it was resumed");
        if (run.Record.Phase == RunRecordPhase.Paused)
        {
            run.Note(run.Record with { Phase = RunRecordPhase.Running });
        }

        context.Scans.Request(table =>
        {
            foreach (var member in run.Members(table))
            {
                member.Signal(Signals.Continue);
            }

            reply.Send(Replies.Of(run.Record));
        });
    }

    public KeeperMessage CloseInput(CloseInputRequest request)
    {
        if (runs.FindRunning(request.InstanceId, request.Epoch, out var refusal) is not { } run)
        {
            return refusal!;
        }

        run.Save(run.Record with { InputClosed = true });
        run.CloseStdin();
        return Replies.Of(run.Record);
    }

    public KeeperMessage WatchOutput(WatchOutputRequest request, Connection client)
    {
        if (runs.Find(request.InstanceId) is not { Capture: { } capture } run)
        {
            return Replies.Refused(KeeperErrorCodes.Conflict, "Nothing of it is alive.");
        }

        run.OutputWatches.Add(client, request.From, capture.End);
        return Replies.Done;
    }

    public KeeperMessage Acknowledge(AcknowledgeRequest request)
    {
        if (runs.Find(request.InstanceId, request.Epoch, out var refusal) is not { } run)
        {
            return refusal!;
        }

        if (run.IsAlive)
        {
            return Replies.Refused(KeeperErrorCodes.Conflict, "It has not ended.", run.Record);
        }

        run.Save(run.Record with { Acknowledged = true });
        return Replies.Of(run.Record);
    }

    /// <summary>Also succeeds when there is nothing of the instance: it may have been removed before.</summary>
    public KeeperMessage Remove(RemoveRequest request)
    {
        var known = runs.Find(request.InstanceId);
        if (known is { IsAlive: true })
        {
            return Replies.Refused(KeeperErrorCodes.Conflict, "It is running.", known.Record);
        }

        RequireReadableRecord(request.InstanceId, known);
        _removed.Take(new InstanceFolder(context.DataFolder, request.InstanceId));
        runs.Remove(request.InstanceId);
        return Replies.Done;
    }

    public void Stop(Run run, TimeSpan timeout) => _stop.Begin(run, Signals.Terminate, timeout);

    /// <summary>Kills a run because the node's lease has run out.</summary>
    public void Fence(Run run) => _stop.Fence(run);

    /// <summary>Goes on with the stop of an adopted run.</summary>
    public void GoOnStopping(Run run) => _stop.GoOn(run);

    /// <summary>The program of a run has ended, or is found gone.</summary>
    public void MainEnded(Run run) => new RunEnding(run, context).Begin();

    private KeeperMessage CloseEpoch(StopRequest request, Run? known)
    {
        if (known is { IsAlive: true })
        {
            return Replies.Refused(KeeperErrorCodes.Conflict, $"Epoch {known.Record.Epoch} is still alive.", known.Record);
        }

        RequireReadableRecord(request.InstanceId, known);
        var folder = new InstanceFolder(context.DataFolder, request.InstanceId);
        Directory.CreateDirectory(folder.Path);
        var closed = new RunRecord
        {
            InstanceId = request.InstanceId,
            Epoch = request.Epoch,
            Phase = RunRecordPhase.Exited,
            BootId = context.BootId,
            StartedAt = context.Now,
            EndedAt = context.Now,
            Message = "It was stopped before it was started.",
            StopRequested = true,
            ConsoleEnd = known?.Record.ConsoleEnd ?? 0,
        };
        var run = new Run(folder, closed, context.Logger);
        run.Save(closed);
        runs.Set(run);
        context.Ended(run);
        return Replies.Of(closed);
    }

    // A record that exists but isn't in the table could not be read at start: the highest epoch isn't known then.
    private void RequireReadableRecord(Guid instanceId, Run? known)
    {
        var folder = new InstanceFolder(context.DataFolder, instanceId);
        if (known is null && File.Exists(folder.RunFile))
        {
            throw new IOException($"{folder.RunFile} can't be read or what it names can't be taken in (see keeper.log): whether the instance runs is unknown.");
        }
    }

    private static KeeperMessage? InvalidSignal(int signal) =>
        signal is >= 1 and <= 64 ? null : Replies.Refused(KeeperErrorCodes.Protocol, $"{signal} is no signal: 1 to 64 are.");
}
