using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes.Remote;

/// <summary>
/// The runs of workloads that somebody else runs. Nothing is spawned and nothing waited for: a run is a record, kept in a
/// file of its own so that the next silo goes on with it, and following it is what its health checks do.
/// </summary>
/// <param name="dataFolder">The silo's.</param>
/// <param name="changed">Hears of every record that is new, before the reply.</param>
/// <param name="time">For when a run begins and ends.</param>
/// <param name="logger">Hears of files that can't be read.</param>
internal sealed partial class RemoteRuns(string dataFolder, Action<RunRecord> changed, TimeProvider time, ILogger logger) : IRunDriver
{
    private const string Unfollowed = "It is no longer followed; what runs elsewhere was not touched.";

    private readonly string _folder = Path.Combine(dataFolder, "remote");
    private readonly ConcurrentDictionary<Guid, RunRecord> _runs = new();
    private readonly Lock _writing = new();

    public IReadOnlyCollection<RunRecord> All => [.. _runs.Values];

    public bool Has(Guid instanceId) => _runs.ContainsKey(instanceId);

    /// <summary>Reads what an earlier silo left. A file that can't be read counts as none: its instance is told that its run is not known here.</summary>
    public void Load()
    {
        Directory.CreateDirectory(_folder);
        foreach (var file in Directory.EnumerateFiles(_folder, "*.json"))
        {
            try
            {
                var run = JsonSerializer.Deserialize(File.ReadAllBytes(file), KeeperJson.Default.RunRecord)!;
                _runs[run.InstanceId] = run;
            }
            catch (Exception error) when (error is JsonException or IOException)
            {
                LogUnreadable(error, file);
            }
        }
    }

    public Task<KeeperMessage> RequestAsync(KeeperRequest request)
    {
        lock (_writing)
        {
            try
            {
                return Task.FromResult(Take(request));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return Task.FromResult(Refuse(KeeperErrorCodes.Failed, error.Message));
            }
        }
    }

    /// <summary>What may go on elsewhere is no longer followed here.</summary>
    public void Fence()
    {
        lock (_writing)
        {
            foreach (var run in _runs.Values.Where(run => run is { Move: true, HasEnded: false }))
            {
                Store(End(run) with { Fenced = true, Message = "The node's lease ran out. " + Unfollowed });
            }
        }
    }

    private KeeperMessage Take(KeeperRequest request) => request switch
    {
        StartRequest start => Start(start),
        StopRequest stop => Stop(stop),
        PauseRequest pause => Change(pause.InstanceId, pause.Epoch, RunRecordPhase.Running, RunRecordPhase.Paused),
        ResumeRequest resume => Change(resume.InstanceId, resume.Epoch, RunRecordPhase.Paused, RunRecordPhase.Running),
        AcknowledgeRequest acknowledge when Find(acknowledge.InstanceId) is { HasEnded: true } run && run.Epoch == acknowledge.Epoch => Store(run with { Acknowledged = true }),
        AcknowledgeRequest => Refuse(KeeperErrorCodes.Unknown, "There is no such run."),
        RemoveRequest remove => Remove(remove.InstanceId),
        _ => Refuse(KeeperErrorCodes.Conflict, "The workload runs elsewhere: only its own host can do that."),
    };

    private KeeperMessage Start(StartRequest start) => Find(start.InstanceId) switch
    {
        { } known when known.Epoch > start.Epoch => Stale(known),
        { } known when known.Epoch == start.Epoch => new KeeperMessage { Run = known },
        _ => Store(new RunRecord
        {
            InstanceId = start.InstanceId,
            Epoch = start.Epoch,
            Phase = RunRecordPhase.Running,
            StartedAt = time.GetUtcNow(),
            Note = start.Note,
            Move = start.Move,
        }),
    };

    /// <summary>An epoch that never came here is closed, as the keeper does it.</summary>
    private KeeperMessage Stop(StopRequest stop) => Find(stop.InstanceId) switch
    {
        { } known when known.Epoch > stop.Epoch => Stale(known),
        { } known when known.Epoch == stop.Epoch => known.HasEnded ? new KeeperMessage { Run = known } : Store(End(known) with { StopRequested = true, Message = Unfollowed }),
        _ => Store(new RunRecord
        {
            InstanceId = stop.InstanceId,
            Epoch = stop.Epoch,
            Phase = RunRecordPhase.Exited,
            EndedAt = time.GetUtcNow(),
            StopRequested = true,
            Message = "It was never followed here.",
        }),
    };

    private KeeperMessage Change(Guid instanceId, long epoch, RunRecordPhase from, RunRecordPhase to) => Find(instanceId) switch
    {
        { } run when run.Epoch > epoch => Stale(run),
        { } run when run.Epoch == epoch && run.Phase == to => new KeeperMessage { Run = run },
        { } run when run.Epoch == epoch && run.Phase == from => Store(run with { Phase = to }),
        _ => Refuse(KeeperErrorCodes.Conflict, "There is no such run to do that with."),
    };

    private KeeperMessage Remove(Guid instanceId)
    {
        switch (Find(instanceId))
        {
            case null:
                return Refuse(KeeperErrorCodes.Unknown, "There is no such run.");
            case { HasEnded: false }:
                return Refuse(KeeperErrorCodes.Conflict, "The instance is still followed.");
            default:
                File.Delete(FileOf(instanceId));
                _runs.TryRemove(instanceId, out _);
                return new KeeperMessage();
        }
    }

    private RunRecord? Find(Guid instanceId) => _runs.GetValueOrDefault(instanceId);

    private RunRecord End(RunRecord run) => run with { Phase = RunRecordPhase.Exited, EndedAt = time.GetUtcNow() };

    /// <summary>Replaced by rename, and so always whole; not synced: after a loss of power the instance is told that its run is not known here.</summary>
    private KeeperMessage Store(RunRecord run)
    {
        var file = FileOf(run.InstanceId);
        File.WriteAllBytes(file + ".next", JsonSerializer.SerializeToUtf8Bytes(run, KeeperJson.Default.RunRecord));
        File.Move(file + ".next", file, overwrite: true);
        _runs[run.InstanceId] = run;
        changed(run);
        return new KeeperMessage { Run = run };
    }

    private string FileOf(Guid instanceId) => Path.Combine(_folder, $"{instanceId:N}.json");

    private static KeeperMessage Stale(RunRecord known) =>
        Refuse(KeeperErrorCodes.Stale, $"The node has passed this epoch: it is at {known.Epoch}.");

    private static KeeperMessage Refuse(string code, string message) => new() { Error = new KeeperError(code, message) };

    [LoggerMessage(LogLevel.Error, "The record of a remote workload in {File} can't be read")]
    private partial void LogUnreadable(Exception error, string file);
}
