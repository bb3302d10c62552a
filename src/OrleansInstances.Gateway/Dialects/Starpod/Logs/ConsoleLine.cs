using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>One line of a console.</summary>
/// <param name="text">Without its end; not necessarily UTF-8.</param>
/// <param name="at">When its first byte was captured.</param>
/// <param name="stream">What it was written to.</param>
/// <param name="next">Where a reader goes on that has it.</param>
internal readonly ref struct ConsoleLine(ReadOnlySpan<byte> text, DateTimeOffset at, OutputStream stream, ResumePoint next)
{
    public ReadOnlySpan<byte> Text { get; } = text;

    public DateTimeOffset At { get; } = at;

    public OutputStream Stream { get; } = stream;

    public ResumePoint Next { get; } = next;
}
