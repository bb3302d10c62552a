using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>The program's ends of a run's FIFOs while it is being started. All are opened without waiting: the keeper holds the others.</summary>
internal sealed class RunEnds : IDisposable
{
    private readonly List<int> _open = [];

    public RunEnds(InstanceFolder folder, RunRecord record)
    {
        try
        {
            var stdin = Open(folder.Stdin(record.Epoch), record.NeverEof ? OpenFlags.ReadWrite : OpenFlags.ReadOnly);
            var stdout = Open(folder.Stdout(record.Epoch), OpenFlags.ReadWrite);
            Descriptors = new(stdin, stdout, record.Split ? Open(folder.Stderr(record.Epoch), OpenFlags.ReadWrite) : stdout);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SpawnDescriptors Descriptors { get; }

    public void Dispose() => _open.ForEach(Posix.Close);

    private int Open(string path, OpenFlags flags)
    {
        var fd = Posix.Open(path, flags);
        _open.Add(fd);
        return fd;
    }
}
