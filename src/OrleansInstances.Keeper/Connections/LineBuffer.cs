using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Connections;

/// <summary>Cuts a stream of bytes into lines. Grows up to the longest line allowed, and gives the memory back after one.</summary>
internal sealed class LineBuffer
{
    private const int UsualBytes = 16 * 1024;

    private byte[] _bytes = new byte[UsualBytes];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>What is there holds no end of line and no more may come.</summary>
    public bool IsTooLong => _end - _start > KeeperProtocol.MaxLineBytes;

    /// <summary>Room for the next bytes; never empty. Lines that were taken are overwritten.</summary>
    public Span<byte> Free()
    {
        if (_start > 0)
        {
            var kept = _bytes.AsSpan(_start, _end - _start);
            if (kept.IsEmpty && _bytes.Length > UsualBytes)
            {
                _bytes = new byte[UsualBytes];
            }
            else
            {
                kept.CopyTo(_bytes);
            }

            _searched -= _start;
            _end = kept.Length;
            _start = 0;
        }

        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Min(_bytes.Length * 2, KeeperProtocol.MaxLineBytes + UsualBytes));
        }

        return _bytes.AsSpan(_end);
    }

    public void Received(int count) => _end += count;

    /// <summary>The next whole line without its end; valid until the next <see cref="Free"/>.</summary>
    public bool TryTakeLine(out ReadOnlySpan<byte> line)
    {
        var at = _bytes.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
        if (at < 0)
        {
            _searched = _end;
            line = default;
            return false;
        }

        line = _bytes.AsSpan(_start, _searched + at - _start);
        _start = _searched = _searched + at + 1;
        return true;
    }
}
