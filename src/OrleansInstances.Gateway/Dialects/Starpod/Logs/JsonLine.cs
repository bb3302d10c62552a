using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>
/// <c>{"timestamp": unix seconds, "level": word, "message": text}</c>, of a split console <c>"stream"</c> too; what is not
/// UTF-8 becomes U+FFFD. Lines of stderr have the level <c>error</c>, those of this gateway <c>warn</c>.
/// </summary>
/// <param name="split">The console tells its streams apart.</param>
internal sealed class JsonLine(bool split) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    public void Write(ConsoleLine line, IBufferWriter<byte> output)
    {
        var isError = line.Stream == OutputStream.Stderr;
        Begin(line.Text, line.At, isError ? "error"u8 : "info"u8, output);
        if (split)
        {
            _json.WriteString("stream"u8, isError ? "stderr"u8 : "stdout"u8);
        }

        End();
    }

    /// <summary>A line of this gateway's own.</summary>
    public void WriteNotice(ReadOnlySpan<byte> text, DateTimeOffset at, IBufferWriter<byte> output)
    {
        Begin(text, at, "warn"u8, output);
        End();
    }

    public void Dispose() => _json.Dispose();

    private void Begin(ReadOnlySpan<byte> text, DateTimeOffset at, ReadOnlySpan<byte> level, IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteNumber("timestamp"u8, at.ToUnixTimeSeconds());
        _json.WriteString("level"u8, level);
        _json.WriteString("message"u8, text);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
    }
}
