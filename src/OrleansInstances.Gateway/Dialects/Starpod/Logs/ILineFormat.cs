using System.Buffers;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>How one line of a console is written.</summary>
internal interface ILineFormat
{
    string ContentType { get; }

    /// <summary>Writes one line.</summary>
    /// <param name="line">Without its end; not necessarily UTF-8.</param>
    /// <param name="at">When its first byte was captured.</param>
    /// <param name="level">What wrote it: <c>info</c> the program, <c>warn</c> this gateway.</param>
    /// <param name="output">Where to.</param>
    void Write(ReadOnlySpan<byte> line, DateTimeOffset at, ReadOnlySpan<byte> level, IBufferWriter<byte> output);
}
