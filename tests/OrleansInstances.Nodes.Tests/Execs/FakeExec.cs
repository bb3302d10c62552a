using System.Threading.Channels;
using OrleansInstances.Nodes.Execs;

namespace OrleansInstances.Nodes.Tests.Execs;

/// <summary>A command that writes what a test says and reads only when told.</summary>
internal sealed class FakeExec : IExecProcess
{
    private readonly TaskCompletionSource<ExecEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<OutputStream, Channel<byte[]>> _outputs = new()
    {
        [OutputStream.Stdout] = Channel.CreateUnbounded<byte[]>(),
        [OutputStream.Stderr] = Channel.CreateUnbounded<byte[]>(),
    };

    private readonly SemaphoreSlim _reads = new(0);
    private int _looks;

    public List<string> Input { get; } = [];

    public Task<ExecEnd> Ended
    {
        get
        {
            if (++_looks == EndsAtLook)
            {
                End(0);
            }

            return _ended.Task;
        }
    }

    /// <summary>At which look at <see cref="Ended"/> it ends; 0 for none.</summary>
    public int EndsAtLook { get; set; }

    public void Say(OutputStream stream, string text) => _outputs[stream].Writer.TryWrite(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Nobody has this output open any more.</summary>
    public void Close(OutputStream stream) => _outputs[stream].Writer.TryComplete();

    public void End(int exitCode) => _ended.TrySetResult(new ExecEnd(exitCode));

    /// <summary>Takes the next piece that it is sent.</summary>
    public void ReadInput() => _reads.Release();

    public async ValueTask<int> ReadAsync(OutputStream stream, Memory<byte> buffer)
    {
        if (!await _outputs[stream].Reader.WaitToReadAsync())
        {
            return 0;
        }

        var piece = await _outputs[stream].Reader.ReadAsync();
        piece.CopyTo(buffer);
        return piece.Length;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        await _reads.WaitAsync();
        Input.Add(System.Text.Encoding.UTF8.GetString(data.Span));
    }

    public ValueTask CloseInputAsync()
    {
        Input.Add("EOF");
        return ValueTask.CompletedTask;
    }

    public void Resize(TerminalSize size)
    {
    }

    public ValueTask DisposeAsync()
    {
        Close(OutputStream.Stdout);
        Close(OutputStream.Stderr);
        _ended.TrySetResult(new ExecEnd(null));
        return ValueTask.CompletedTask;
    }
}
