namespace OrleansInstances.Nodes.Execs;

/// <summary>
/// A command that a driver runs beside an instance's program. One caller at a time for each operation; disposing ends the
/// command and all that it started, and breaks off what waits.
/// </summary>
internal interface IExecProcess : IAsyncDisposable
{
    /// <summary>Completes when the command itself has ended; what it wrote may still be to be read.</summary>
    Task<ExecEnd> Ended { get; }

    /// <summary>Reads what there is, waiting for the first byte; 0 at the end.</summary>
    ValueTask<int> ReadAsync(OutputStream stream, Memory<byte> buffer);

    /// <summary>Completes when all of it is taken, or nobody takes any more.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data);

    /// <summary>Nothing follows; completes as a write does.</summary>
    ValueTask CloseInputAsync();

    /// <summary>Does nothing without a terminal.</summary>
    void Resize(TerminalSize size);
}
