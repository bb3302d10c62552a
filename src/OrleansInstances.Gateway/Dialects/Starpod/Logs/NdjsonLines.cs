using System.Buffers;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>One JSON object a line.</summary>
internal sealed class NdjsonLines(JsonLine json) : ILineFormat
{
    public string ContentType => "application/x-ndjson";

    public void Write(ConsoleLine line, IBufferWriter<byte> output)
    {
        json.Write(line, output);
        output.Write("\n"u8);
    }

    public void WriteGap(long from, long to, DateTimeOffset at, IBufferWriter<byte> output)
    {
        json.WriteNotice(GapNotice.Of(from, to), at, output);
        output.Write("\n"u8);
    }

    public void WriteIdle(IBufferWriter<byte> output)
    {
    }
}
