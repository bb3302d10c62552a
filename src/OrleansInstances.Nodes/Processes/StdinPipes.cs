using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;

namespace OrleansInstances.Nodes.Processes;

/// <summary>
/// The silo's write ends of the runs' stdin. Never waits: a FIFO takes what fits. The keeper holds a write end too; the
/// silo's keeps the program from reading end of file when the keeper dies, and the other way round.
/// </summary>
/// <param name="dataFolder">The node's.</param>
/// <param name="maxOpen">Descriptors kept open; the one unused for longest gives way.</param>
internal sealed class StdinPipes(string dataFolder, int maxOpen) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunKey, LinkedListNode<Pipe>> _pipes = [];
    private readonly LinkedList<Pipe> _byUse = new();
    private readonly HashSet<RunKey> _ended = [];

    /// <summary>Holds a write end of a run's stdin from now on, as far as descriptors reach.</summary>
    public void Hold(RunKey run)
    {
        lock (_gate)
        {
            if (!_ended.Contains(run))
            {
                _ = TryOpen(run, out _, out _);
            }
        }
    }

    /// <summary>Takes what fits; when it was all and <paramref name="end"/> is set, nothing is taken after it.</summary>
    public InputReply Write(RunKey run, ReadOnlySpan<byte> data, bool end)
    {
        // One writer at a time on the node, so bytes of concurrent callers are never mixed and none come after the end; none
        // of them waits for a program.
        lock (_gate)
        {
            if (_ended.Contains(run))
            {
                return new InputReply(0, new Refusal(RefusalKind.Conflict, "input_closed", "The stdin of the run was closed."));
            }

            var reply = data.IsEmpty ? new InputReply(0, null) : Write(run, data);
            if (end && reply.Refusal is null)
            {
                _ended.Add(run);
                Close(run);
            }

            return reply;
        }
    }

    /// <summary>Takes the end back, as it could not be carried through.</summary>
    public void Reopen(RunKey run)
    {
        lock (_gate)
        {
            _ended.Remove(run);
        }
    }

    /// <summary>The run is over.</summary>
    public void Forget(RunKey run)
    {
        lock (_gate)
        {
            _ended.Remove(run);
            Close(run);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            while (_byUse.First is { } node)
            {
                Close(node);
            }
        }
    }

    private InputReply Write(RunKey run, ReadOnlySpan<byte> data)
    {
        if (!TryOpen(run, out var pipe, out var errno))
        {
            return new InputReply(0, Refuse(errno));
        }

        var taken = Posix.Write(pipe.Handle, data, out errno);
        return new InputReply(taken, taken < data.Length ? Refuse(errno) : null);
    }

    private bool TryOpen(RunKey run, [NotNullWhen(true)] out Pipe? pipe, out int errno)
    {
        errno = 0;
        if (_pipes.TryGetValue(run, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            pipe = node.Value;
            return true;
        }

        pipe = null;
        if (Posix.OpenFifoForWriting(new InstanceFolder(dataFolder, run.InstanceId).Stdin(run.Epoch), out errno) is not { } handle)
        {
            return false;
        }

        if (_pipes.Count == maxOpen)
        {
            Close(_byUse.First!);
        }

        pipe = new Pipe(run, handle);
        _pipes[run] = _byUse.AddLast(pipe);
        return true;
    }

    private void Close(RunKey run)
    {
        if (_pipes.TryGetValue(run, out var node))
        {
            Close(node);
        }
    }

    private void Close(LinkedListNode<Pipe> node)
    {
        node.Value.Handle.Dispose();
        _byUse.Remove(node);
        _pipes.Remove(node.Value.Run);
    }

    private static Refusal Refuse(int errno) => errno switch
    {
        Posix.EAGAIN => new Refusal(RefusalKind.Unavailable, "input_full", "The program has not read what it was sent before; send the rest later."),
        Posix.ENXIO or Posix.EPIPE => new Refusal(RefusalKind.Conflict, "input_closed", "The program has closed its stdin."),
        _ => new Refusal(RefusalKind.Unavailable, "input_failed", $"The program's stdin can't be written to (errno {errno})."),
    };

    private sealed record Pipe(RunKey Run, SafeFileHandle Handle);
}
