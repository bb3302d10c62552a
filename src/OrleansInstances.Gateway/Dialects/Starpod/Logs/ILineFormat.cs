using System.Buffers;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>How a console is written line by line.</summary>
internal interface ILineFormat
{
    string ContentType { get; }

    void Write(ConsoleLine line, IBufferWriter<byte> output);

    /// <summary>Says that the bytes from one offset up to another are no longer kept.</summary>
    void WriteGap(long from, long to, DateTimeOffset at, IBufferWriter<byte> output);

    /// <summary>Says that nothing came for a while, in a way that is no line.</summary>
    void WriteIdle(IBufferWriter<byte> output);
}
