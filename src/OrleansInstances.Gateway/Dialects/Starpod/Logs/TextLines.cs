using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>The lines alone, as UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
internal sealed class TextLines : ILineFormat
{
    public string ContentType => "text/plain; charset=utf-8";

    public void Write(ConsoleLine line, IBufferWriter<byte> output)
    {
        if (Utf8.IsValid(line.Text))
        {
            output.Write(line.Text);
        }
        else
        {
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line.Text), output);
        }

        output.Write("\n"u8);
    }

    public void WriteGap(long from, long to, DateTimeOffset at, IBufferWriter<byte> output)
    {
        output.Write(GapNotice.Of(from, to));
        output.Write("\n"u8);
    }

    public void WriteIdle(IBufferWriter<byte> output)
    {
    }
}
