using System.Text.Json;
using OrleansInstances.Keeper.Console;
using OrleansInstances.Keeper.Processes;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>
/// Reads every record when the keeper starts. What runs is adopted, what ended meanwhile is brought to its end like any
/// other run, and what another boot left is closed.
/// </summary>
internal sealed partial class Recovery(KeeperContext context, RunTable runs, RunRequests requests)
{
    private readonly KeeperLog _logger = context.Logger;

    public void Run()
    {
        Directory.CreateDirectory(InstanceFolder.AllInstances(context.DataFolder));
        var table = new Lazy<ProcessTable>(() => ProcessTable.Scan(new HashSet<int>()));
        foreach (var path in Directory.EnumerateDirectories(InstanceFolder.AllInstances(context.DataFolder)))
        {
            if (Guid.TryParseExact(Path.GetFileName(path), "N", out var instanceId)
                && TryRead(new InstanceFolder(context.DataFolder, instanceId)) is { } run)
            {
                TryTakeIn(run, table);
            }
        }
    }

    private Run? TryRead(InstanceFolder folder)
    {
        try
        {
            return RunFile.Read(folder) is { } record ? new Run(folder, record, context.Logger) : null;
        }
        catch (JsonException unreadable)
        {
            LogUnreadable(unreadable, folder.RunFile);
            return null;
        }
    }

    // One damaged folder must not keep the others without a keeper. Out of the table, but with a record, nothing more is
    // started of it.
    private void TryTakeIn(Run run, Lazy<ProcessTable> table)
    {
        try
        {
            if (run.IsAlive)
            {
                Recover(run, table);
            }

            runs.Set(run);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotRecovered(failure, run.Record.InstanceId, run.Record.Epoch);
        }
    }

    private void Recover(Run run, Lazy<ProcessTable> table)
    {
        if (run.Record.BootId != context.BootId)
        {
            Close(run, RunRecordPhase.Exited, "The machine was restarted; its exit code is unknown.");
            return;
        }

        if (run.Record.Pid == 0 && !TryFindUnrecorded(run, table.Value))
        {
            Close(run, RunRecordPhase.StartFailed, "The keeper ended during the start; nothing runs.");
            return;
        }

        Adopt(run);
    }

    // The keeper ended between the spawn and its record. Of the processes with the mark, the program is the oldest; commands
    // that ran beside it are not meant.
    private bool TryFindUnrecorded(Run run, ProcessTable table)
    {
        var oldest = run.Members(table).Where(member => member.Exec is null).OrderBy(member => member.Stat.StartTicks).ThenBy(member => member.Pid).FirstOrDefault();
        if (oldest.Pid == 0)
        {
            return false;
        }

        run.Note(run.Record with { Phase = RunRecordPhase.Running, Pid = oldest.Pid, StartTicks = oldest.Stat.StartTicks });
        return true;
    }

    private void Adopt(Run run)
    {
        var (folder, record) = (run.Folder, run.Record);
        if (!File.Exists(folder.Stdout(record.Epoch)))
        {
            RunFifos.Make(folder, record.Epoch, record.Split);
        }

        var capture = context.OpenCapture(run);
        var main = MainProcess.Adopt(record.Pid, record.StartTicks);
        run.Attach(main, capture, main is null || record.InputClosed ? null : RunFifos.TryOpenStdin(folder, record.Epoch));
        context.Scans.RunSessions.Add(record.Pid);
        if (main is null)
        {
            requests.MainEnded(run);
            return;
        }

        run.Watch(context.Loop, requests.MainEnded);
        LogAdopted(record.InstanceId, record.Epoch, record.Pid);
        if (record.Phase == RunRecordPhase.Stopping)
        {
            requests.GoOnStopping(run);
        }
    }

    private void Close(Run run, RunRecordPhase phase, string message) =>
        run.Note(run.Record with
        {
            Phase = phase,
            EndedAt = context.Now,
            Message = message,
            ConsoleEnd = Math.Max(run.Record.ConsoleEnd, ConsoleSegments.End(run.Folder.Console)),
        });
}
