using System.Runtime.InteropServices;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;

namespace OrleansInstances.Keeper.Silos;

/// <summary>Brings signals to the keeper's loop.</summary>
internal sealed class SignalPipe
{
    private readonly int _reader;
    private readonly int _writer;
    private readonly Action _received;
    private readonly List<PosixSignalRegistration> _registrations;

    /// <param name="received">Called on the loop, once for each signal that came.</param>
    public SignalPipe(EventLoop loop, IEnumerable<PosixSignal> signals, Action received)
    {
        (_reader, _writer) = Posix.Pipe();
        _received = received;
        _ = loop.Watch(_reader, PollEvents.In, _ => Read());
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, Write))];
    }

    // On a thread of the runtime's.
    private void Write(PosixSignalContext context)
    {
        context.Cancel = true;
        _ = Posix.TryWrite(_writer, "!"u8, out _);
    }

    private void Read()
    {
        Span<byte> signals = stackalloc byte[64];
        if (Posix.TryRead(_reader, signals, out var count) == 0)
        {
            for (var i = 0; i < count; i++)
            {
                _received();
            }
        }
    }
}
