using System.Threading.Channels;
using OrleansInstances.Gateway.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

/// <summary>A command's input: while one piece is on its way to the command, the next ones are received and made one.</summary>
internal sealed class ExecInput : IDisposable
{
    private const int MostWaiting = 2;

    /// <summary>Two messages as clients send them stay below what the garbage collector treats as large.</summary>
    private const int EnoughBytes = 40 * 1024;

    private readonly OpenedExec _exec;

    // A key that is typed goes on at once, without a change of threads.
    private readonly Channel<(byte[] Data, bool Close)> _waiting = Channel.CreateBounded<(byte[] Data, bool Close)>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true, AllowSynchronousContinuations = true });

    public ExecInput(OpenedExec exec)
    {
        _exec = exec;
        _ = HandOnAsync();
    }

    /// <summary>Completes when there is room for what follows.</summary>
    /// <param name="data">Not to be changed afterwards.</param>
    /// <param name="close">Nothing follows.</param>
    /// <exception cref="ChannelClosedException">An earlier piece could not be handed on; the inner exception says why.</exception>
    public ValueTask AddAsync(byte[] data, bool close) => _waiting.Writer.WriteAsync((data, close));

    /// <summary>What was added before is still handed on.</summary>
    public void Dispose() => _waiting.Writer.TryComplete();

    private async Task HandOnAsync()
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync())
            {
                var (data, close) = await _waiting.Reader.ReadAsync();
                while (!close && data.Length < EnoughBytes && _waiting.Reader.TryRead(out var more))
                {
                    (data, close) = ([.. data, .. more.Data], more.Close);
                }

                await _exec.WriteAsync(data, close);
            }
        }
        catch (Exception failure)
        {
            _waiting.Writer.TryComplete(failure);
        }
    }
}
