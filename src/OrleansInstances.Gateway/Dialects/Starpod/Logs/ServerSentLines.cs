using System.Buffers;
using System.Globalization;
using System.Text;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>
/// Server-sent events: the same JSON as NDJSON has, a line each. An event's id is where a reader goes on that has it, so a
/// browser that comes back with Last-Event-ID misses nothing and gets nothing twice. What is no longer kept is an event
/// <c>gap</c> with the offsets.
/// </summary>
internal sealed class ServerSentLines(JsonLine json) : ILineFormat
{
    public string ContentType => "text/event-stream";

    public void Write(ConsoleLine line, IBufferWriter<byte> output)
    {
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {line.Next}\ndata: "), output);
        json.Write(line, output);
        output.Write("\n\n"u8);
    }

    public void WriteGap(long from, long to, DateTimeOffset at, IBufferWriter<byte> output) =>
        Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"id: {to}\nevent: gap\ndata: {{\"from\":{from},\"to\":{to}}}\n\n"), output);

    public void WriteIdle(IBufferWriter<byte> output) => output.Write(":\n\n"u8);
}
