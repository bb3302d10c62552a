using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>The lines alone, as UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
internal sealed class TextLines : ILineFormat
{
    public string ContentType => "text/plain; charset=utf-8";

    public void Write(ReadOnlySpan<byte> line, DateTimeOffset at, ReadOnlySpan<byte> level, IBufferWriter<byte> output)
    {
        if (Utf8.IsValid(line))
        {
            output.Write(line);
        }
        else
        {
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line), output);
        }

        output.Write("\n"u8);
    }
}
