namespace OrleansInstances.Nodes.Execs;

/// <summary>One command's session: hands input on and output out, with no more in memory than a piece of each.</summary>
internal sealed class ExecSession : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>What the command started may hold its outputs open. The keeper ends that after a second; this is for what it can't end.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(3);

    private readonly IExecProcess _process;
    private readonly TimeProvider _time;
    private readonly ExecOutputReader _stdout;
    private readonly ExecOutputReader _stderr;
    private readonly Lock _gate = new();
    private Task _writing = Task.CompletedTask;
    private bool _inputIsClosed;
    private bool _isRead;
    private long _lastRead;

    /// <param name="process">Owned.</param>
    public ExecSession(ExecInfo info, Guid instanceId, IExecProcess process, TimeProvider time)
    {
        (Info, InstanceId, _process, _time) = (info, instanceId, process, time);
        _stdout = new ExecOutputReader(process, OutputStream.Stdout);
        _stderr = new ExecOutputReader(process, OutputStream.Stderr);
        _lastRead = time.GetTimestamp();
    }

    public ExecInfo Info { get; }

    public Guid InstanceId { get; }

    /// <summary>How the command ended, as far as it is known by now.</summary>
    public ExecEnd? End => _process.Ended.IsCompletedSuccessfully ? _process.Ended.Result : null;

    /// <summary>Nobody has read it for so long.</summary>
    public bool IsAbandoned(TimeSpan after)
    {
        lock (_gate)
        {
            return !_isRead && _time.GetElapsedTime(_lastRead) > after;
        }
    }

    /// <summary>As <see cref="INodeGrain.ReadExecAsync"/>.</summary>
    public async Task<ExecOutput> ReadAsync(TimeSpan wait)
    {
        lock (_gate)
        {
            if (_isRead)
            {
                return ExecOutput.Nothing with { Refusal = new(Instances.RefusalKind.Conflict, "already_read", "Somebody else reads this session.") };
            }

            _isRead = true;
        }

        try
        {
            return await ReadNextAsync(wait < LongestWait ? wait : LongestWait).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _isRead = false;
                _lastRead = _time.GetTimestamp();
            }
        }
    }

    /// <summary>As <see cref="INodeGrain.WriteExecAsync"/>.</summary>
    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> data, bool close)
    {
        if (!await IsIdleAsync().ConfigureAwait(false))
        {
            return false;
        }

        lock (_gate)
        {
            if (!_writing.IsCompleted)
            {
                return false;
            }

            if (_inputIsClosed)
            {
                return true;
            }

            _inputIsClosed = close;
            _writing = HandOverAsync(data, close);
        }

        // Who sends the next piece waits; this one is in good hands.
        return true;
    }

    public void Resize(TerminalSize size) => _process.Resize(size);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task<ExecOutput> ReadNextAsync(TimeSpan wait)
    {
        var begun = _time.GetTimestamp();
        long? endSeen = null;
        while (true)
        {
            var output = new ExecOutput(_stdout.Take(), _stderr.Take(), null, null);
            if (!output.Stdout.IsEmpty || !output.Stderr.IsEmpty)
            {
                return output;
            }

            // Looked at once a round: it may come at any moment.
            var end = End;
            endSeen ??= end is null ? null : _time.GetTimestamp();
            var left = endSeen is { } since ? DrainTime - _time.GetElapsedTime(since) : wait - _time.GetElapsedTime(begun);
            if (end is not null && ((_stdout.IsAtEnd && _stderr.IsAtEnd) || left < TimeSpan.Zero))
            {
                return output with { End = end };
            }

            if (left <= TimeSpan.Zero && end is null)
            {
                return output;
            }

            await WaitForChangeAsync(end is not null, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1)).ConfigureAwait(false);
        }
    }

    /// <param name="hasEnded">Then an output is still open.</param>
    private async Task WaitForChangeAsync(bool hasEnded, TimeSpan atMost)
    {
        List<Task> changes = new(3);
        if (!_stdout.IsAtEnd)
        {
            changes.Add(_stdout.Ready);
        }

        if (!_stderr.IsAtEnd)
        {
            changes.Add(_stderr.Ready);
        }

        if (!hasEnded)
        {
            changes.Add(_process.Ended);
        }

        if (changes.Exists(change => change.IsCompleted))
        {
            return;
        }

        await ((Task)Task.WhenAny(changes)).WaitAsync(atMost, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> IsIdleAsync()
    {
        Task writing;
        lock (_gate)
        {
            writing = _writing;
        }

        if (!writing.IsCompleted)
        {
            await writing.WaitAsync(LongestWait, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return writing.IsCompleted;
    }

    private async Task HandOverAsync(ReadOnlyMemory<byte> data, bool close)
    {
        await _process.WriteAsync(data).ConfigureAwait(false);
        if (close)
        {
            await _process.CloseInputAsync().ConfigureAwait(false);
        }
    }
}
