namespace OrleansInstances.Nodes.Execs;

/// <summary>Reads one of a command's outputs, a piece at a time and only when asked: what is not asked for holds the command back.</summary>
internal sealed class ExecOutputReader(IExecProcess process, OutputStream stream)
{
    private const int FirstBytes = 4 * 1024;
    private const int MostBytes = 64 * 1024;

    private byte[] _buffer = new byte[FirstBytes];
    private Task<int>? _reading;

    public bool IsAtEnd { get; private set; }

    /// <summary>Completes when there is something to take, or the end.</summary>
    public Task Ready => IsAtEnd ? Task.CompletedTask : _reading ??= process.ReadAsync(stream, _buffer).AsTask();

    /// <summary>What came; empty when nothing has, or at the end.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        if (!Ready.IsCompletedSuccessfully || _reading is not { } read)
        {
            return default;
        }

        _reading = null;
        if (read.Result == 0)
        {
            IsAtEnd = true;
            _buffer = [];
            return default;
        }

        if (read.Result < _buffer.Length / 2)
        {
            return _buffer.AsMemory(0, read.Result).ToArray();
        }

        // A loud one: what was read into is given away.
        var taken = _buffer.AsMemory(0, read.Result);
        _buffer = GC.AllocateUninitializedArray<byte>(MostBytes);
        return taken;
    }
}
