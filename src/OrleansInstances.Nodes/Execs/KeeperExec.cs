using System.Net.Sockets;

namespace OrleansInstances.Nodes.Execs;

/// <summary>
/// A command that the keeper started, read and written directly: the keeper passed the other ends of its terminal or pipes
/// here. It ends with this object's connection to the keeper.
/// </summary>
internal sealed class KeeperExec : IExecProcess
{
    private const byte EndOfTransmission = 4;
    private const byte EndOfLine = (byte)'\n';

    /// <summary>From so much at once on, a pipe is made larger: each side then works for longer before it waits for the other.</summary>
    private const int MuchBytes = 16 * 1024;
    private const int LargePipeBytes = 256 * 1024;

    private readonly ExecConnection _connection;
    private readonly Socket[] _ends;
    private readonly bool[] _isLarge;
    private byte _lastByte = EndOfLine;

    /// <param name="connection">On which the keeper said that it runs, and passed the ends; owned.</param>
    public KeeperExec(ExecConnection connection)
    {
        _connection = connection;
        _ends = [.. connection.TakeDescriptors().Select(descriptor => new Socket(descriptor))];
        _isLarge = new bool[_ends.Length];
        Ended = WaitForEndAsync();
    }

    public Task<ExecEnd> Ended { get; }

    private bool HasTerminal => _ends.Length == 1;

    public async ValueTask<int> ReadAsync(OutputStream stream, Memory<byte> buffer)
    {
        if (HasTerminal && stream == OutputStream.Stderr)
        {
            return 0;
        }

        var end = HasTerminal ? 0 : stream == OutputStream.Stdout ? 1 : 2;
        try
        {
            var read = await _ends[end].ReceiveAsync(buffer).ConfigureAwait(false);
            EnlargeFor(read, end);
            return read;
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // A terminal that nobody has open any more reads as an error.
            return 0;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        _lastByte = data.Span[^1];
        try
        {
            EnlargeFor(data.Length, 0);
            await _ends[0].SendAsync(data).ConfigureAwait(false);
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // It has closed its stdin, or ended, which is told where its output is read.
        }
    }

    public ValueTask CloseInputAsync()
    {
        if (!HasTerminal)
        {
            _ends[0].Dispose();
            return ValueTask.CompletedTask;
        }

        // Behind an unfinished line the first only hands that line over.
        return WriteAsync(_lastByte == EndOfLine ? new[] { EndOfTransmission } : [EndOfTransmission, EndOfTransmission]);
    }

    public void Resize(TerminalSize size)
    {
        try
        {
            if (HasTerminal)
            {
                Posix.SetWindowSize(_ends[0].SafeHandle, (ushort)size.Columns, (ushort)size.Rows);
            }
        }
        catch (ObjectDisposedException)
        {
            // It ended meanwhile.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        foreach (var end in _ends)
        {
            end.Dispose();
        }

        await Ended.ConfigureAwait(false);
    }

    private void EnlargeFor(int bytes, int end)
    {
        if (bytes >= MuchBytes && !HasTerminal && !_isLarge[end])
        {
            _isLarge[end] = true;
            Posix.EnlargePipe(_ends[end].SafeHandle, LargePipeBytes);
        }
    }

    private async Task<ExecEnd> WaitForEndAsync()
    {
        try
        {
            var message = await _connection.ReceiveAsync().ConfigureAwait(false);
            return new ExecEnd(message.Exec?.ExitCode);
        }
        catch (Exception lost) when (lost is IOException or SocketException or ObjectDisposedException)
        {
            return new ExecEnd(null, "The connection to its keeper ended, and the command with it.");
        }
    }
}
