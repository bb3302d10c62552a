using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary><c>{"timestamp": unix seconds, "level": word, "message": text}</c>, one a line; what is not UTF-8 becomes U+FFFD.</summary>
internal sealed class NdjsonLines : ILineFormat, IDisposable
{
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    public string ContentType => "application/x-ndjson";

    public void Write(ReadOnlySpan<byte> line, DateTimeOffset at, ReadOnlySpan<byte> level, IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteNumber("timestamp"u8, at.ToUnixTimeSeconds());
        _json.WriteString("level"u8, level);
        _json.WriteString("message"u8, line);
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    public void Dispose() => _json.Dispose();
}
