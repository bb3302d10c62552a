using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

/// <summary>The messages that a client gets, each with all four keys: clients fail on one without.</summary>
internal static class ResultFrame
{
    /// <summary>Clients read frames of up to 64 KiB.</summary>
    public const int MaxData = 32 * 1024;

    /// <summary>Room for everything but the data.</summary>
    private const int FrameBytes = 128;

    /// <summary>Bytes of the longest frame with so much data.</summary>
    public static int LengthFor(int data) => FrameBytes + Base64.GetMaxEncodedToUtf8Length(data);

    /// <summary>Writes one output's data; returns the frame's length.</summary>
    /// <param name="isStderr">Rather than stdout.</param>
    /// <param name="frame">At least <see cref="LengthFor"/> long.</param>
    public static int Write(ReadOnlySpan<byte> data, bool isStderr, Span<byte> frame)
    {
        var length = 0;
        Append(isStderr ? "{\"result\":{\"stdout\":null,\"stderr\":{\"data\":\""u8 : "{\"result\":{\"stdout\":{\"data\":\""u8, frame);
        _ = Base64.EncodeToUtf8(data, frame[length..], out _, out var written);
        length += written;
        Append(isStderr ? "\",\"close\":false},\"exited\":false,\"exit_code\":0}}"u8 : "\",\"close\":false},\"stderr\":null,\"exited\":false,\"exit_code\":0}}"u8, frame);
        return length;

        void Append(ReadOnlySpan<byte> text, Span<byte> to)
        {
            text.CopyTo(to[length..]);
            length += text.Length;
        }
    }

    /// <summary>The last one.</summary>
    public static byte[] Exited(int exitCode) => Json(json =>
    {
        json.WriteStartObject("result"u8);
        json.WriteNull("stdout"u8);
        json.WriteNull("stderr"u8);
        WriteExit(json, exitCode);
        json.WriteEndObject();
    });

    /// <summary>All of it in one document.</summary>
    public static byte[] Whole(ReadOnlySpan<byte> stdout, ReadOnlySpan<byte> stderr, int exitCode)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("result"u8);
            WriteOutput(json, "stdout"u8, stdout);
            WriteOutput(json, "stderr"u8, stderr);
            WriteExit(json, exitCode);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>An error, which ends a session. Codes are those of gRPC.</summary>
    public static byte[] Error(ApiError error) => Json(json =>
    {
        var isPrecondition = error.Status == StatusCodes.Status409Conflict;
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, CodeOf(error));
        json.WriteString("message"u8, isPrecondition ? "failed_precondition" : error.Text);
        json.WriteStartArray("details"u8);
        if (isPrecondition)
        {
            json.WriteStartObject();
            json.WriteString("message"u8, error.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static int CodeOf(ApiError error) => error.Status switch
    {
        StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status422UnprocessableEntity => 3,
        StatusCodes.Status504GatewayTimeout => 4,
        StatusCodes.Status404NotFound => 5,
        StatusCodes.Status403Forbidden => 7,
        StatusCodes.Status429TooManyRequests => 8,
        StatusCodes.Status409Conflict => 9,
        StatusCodes.Status503ServiceUnavailable => 14,
        StatusCodes.Status401Unauthorized => 16,
        _ => 13,
    };

    private static void WriteOutput(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        json.WriteStartObject(name);
        json.WriteBase64String("data"u8, data);
        json.WriteBoolean("close"u8, true);
        json.WriteEndObject();
    }

    private static void WriteExit(Utf8JsonWriter json, int exitCode)
    {
        json.WriteBoolean("exited"u8, true);
        json.WriteNumber("exit_code"u8, exitCode);
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
