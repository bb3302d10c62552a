using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes.Processes;

/// <summary>Sends bytes to the stdin of runs, and closes it: end of file comes when silo and keeper have both let go.</summary>
internal sealed class StdinWriter(string dataFolder, KeeperClient keeper) : IDisposable
{
    // Far below what a process may have.
    private const int MaxOpen = 16 * 1024;

    private readonly StdinPipes _pipes = new(dataFolder, MaxOpen);

    public ValueTask<InputReply> WriteAsync(RunRecord run, ReadOnlyMemory<byte> data, bool close)
    {
        if (close && run.NeverEof)
        {
            return ValueTask.FromResult(new InputReply(0, new Refusal(RefusalKind.Conflict, "never_eof", "The stdin of the instance can't be closed.")));
        }

        if (run.InputClosed)
        {
            return ValueTask.FromResult(new InputReply(0, new Refusal(RefusalKind.Conflict, "input_closed", "The stdin of the instance is closed.")));
        }

        var reply = _pipes.Write(run.Run, data.Span, close);
        return close && reply.Refusal is null ? CloseAsync(run, reply) : ValueTask.FromResult(reply);
    }

    /// <summary>From now on the run's stdin has no end as long as the silo lives, even if the keeper dies.</summary>
    public void Hold(RunRecord run)
    {
        if (run is { IsAlive: true, NeverEof: false, InputClosed: false })
        {
            _pipes.Hold(run.Run);
        }
    }

    /// <summary>The run is over.</summary>
    public void Forget(RunKey run) => _pipes.Forget(run);

    public void Dispose() => _pipes.Dispose();

    private async ValueTask<InputReply> CloseAsync(RunRecord run, InputReply reply)
    {
        try
        {
            // An error means that the run has ended, and its stdin with it.
            await keeper.RequestAsync(new CloseInputRequest(run.InstanceId, run.Epoch)).ConfigureAwait(false);
            return reply;
        }
        catch (KeeperUnavailableException e)
        {
            _pipes.Reopen(run.Run);
            return reply with { Refusal = new Refusal(RefusalKind.Unavailable, "close_unknown", $"The bytes were taken; whether stdin was closed is unknown. {e.Message}") };
        }
    }
}
