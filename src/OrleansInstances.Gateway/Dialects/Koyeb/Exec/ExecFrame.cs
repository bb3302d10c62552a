using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

/// <summary>What a client says in one message; the first one says what to run. Null is not said.</summary>
/// <param name="Command">Null, or at least one word.</param>
/// <param name="Size">Sizes that aren't positive are not said.</param>
/// <param name="Data">For stdin.</param>
/// <param name="Close">Nothing follows on stdin.</param>
internal sealed record ExecFrame(
    string? Id,
    bool? IsService,
    ImmutableArray<string>? Command,
    TerminalSize? Size,
    byte[]? Data,
    bool Close,
    bool? DisableTty)
{
    public static ExecFrame Nothing { get; } = new(null, null, null, null, null, false, null);

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };

    /// <summary>This, and what <paramref name="defaults"/> says where this says nothing.</summary>
    public ExecFrame Over(ExecFrame defaults) => new(
        Id ?? defaults.Id,
        IsService ?? defaults.IsService,
        Command ?? defaults.Command,
        Size ?? defaults.Size,
        Data ?? defaults.Data,
        Close || defaults.Close,
        DisableTty ?? defaults.DisableTty);

    /// <summary>Reads a message: JSON in either of proto-JSON's spellings; what isn't known is passed over.</summary>
    public static Parsed<ExecFrame> Parse(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message, Strict);
            return Read(document.RootElement);
        }
        catch (JsonException malformed)
        {
            return ApiError.Invalid($"The message is not JSON that can be read: {malformed.Message}");
        }
        catch (FormatException wrong)
        {
            return ApiError.Invalid(wrong.Message);
        }
    }

    /// <summary>The kind of thing that an id names; <c>INVALID</c> is an instance.</summary>
    /// <exception cref="FormatException">It is no such kind.</exception>
    public static bool ParseIdType(string word) => word switch
    {
        "" or "INVALID" or "INSTANCE_ID" or "0" or "1" => false,
        "SERVICE_ID" or "2" => true,
        _ => throw new FormatException($"id_type must be INVALID, INSTANCE_ID or SERVICE_ID, not {word}."),
    };

    /// <summary>Null when a side isn't positive.</summary>
    /// <exception cref="FormatException">No terminal is that large.</exception>
    public static TerminalSize? SizeOf(long width, long height) => (width, height) switch
    {
        ( > ushort.MaxValue, _) or (_, > ushort.MaxValue) => throw new FormatException($"tty_size must be at most {ushort.MaxValue} each way."),
        ( > 0, > 0) => new TerminalSize((int)width, (int)height),
        _ => null,
    };

    /// <summary>Base64 of either alphabet, with or without padding.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> base64)
    {
        var decoded = GC.AllocateUninitializedArray<byte>(Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        if (Base64.DecodeFromUtf8(base64, decoded, out _, out var written) == System.Buffers.OperationStatus.Done
            || Base64Url.DecodeFromUtf8(base64, decoded = new byte[Base64Url.GetMaxDecodedLength(base64.Length)], out _, out written) == System.Buffers.OperationStatus.Done)
        {
            return written == decoded.Length ? decoded : decoded[..written];
        }

        // Unpadded, in the alphabet of URLs or not.
        var url = Encoding.ASCII.GetString(base64).Replace('+', '-').Replace('/', '_');
        return Base64Url.IsValid(url) ? Base64Url.DecodeFromChars(url) : throw new FormatException("stdin.data must be base64.");
    }

    private static ExecFrame Read(JsonElement root)
    {
        var message = Object(root, "The message");
        var body = Member(message, "body") is { } given ? Object(given, "body") : default;
        var stdin = Member(body, "stdin") is { } input ? Object(input, "stdin") : default;
        var size = Member(body, "tty_size", "ttySize") is { } asked ? Object(asked, "tty_size") : default;
        return new ExecFrame(
            Member(message, "id") is { } id ? Text(id, "id") : null,
            Member(message, "id_type", "idType") is { } type ? ParseIdType(type.ValueKind == JsonValueKind.Number ? type.GetRawText() : Text(type, "id_type")) : null,
            Member(body, "command") is { } command ? Words(command) : null,
            size.ValueKind == JsonValueKind.Object ? SizeOf(Number(size, "width"), Number(size, "height")) : null,
            Member(stdin, "data") is { } data ? Bytes(data) : null,
            Member(stdin, "close") is { } close && Flag(close, "stdin.close"),
            Member(body, "disableTty", "disable_tty") is { } disable ? Flag(disable, "disableTty") : null);
    }

    /// <summary>Null also for a null.</summary>
    private static JsonElement? Member(JsonElement parent, string name, string? otherSpelling = null)
    {
        if (parent.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return (parent.TryGetProperty(name, out var value) || (otherSpelling is not null && parent.TryGetProperty(otherSpelling, out value)))
            && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private static JsonElement Object(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object ? value : throw new FormatException($"{name} must be an object.");

    private static string Text(JsonElement value, string name)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"{name} must be a string.");
        }
        catch (InvalidOperationException)
        {
            throw new FormatException($"{name} must be text that is Unicode.");
        }
    }

    private static bool Flag(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new FormatException($"{name} must be true or false."),
    };

    private static long Number(JsonElement parent, string name)
    {
        if (Member(parent, name) is not { } value)
        {
            return 0;
        }

        var text = value.ValueKind is JsonValueKind.Number ? value.GetRawText() : Text(value, name);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"{name} must be an integer.");
    }

    private static ImmutableArray<string>? Words(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw new FormatException("command must be an array of strings.");
        }

        ImmutableArray<string> words = [.. value.EnumerateArray().Select(word => Text(word, "command"))];
        return words.IsEmpty ? null : words;
    }

    private static byte[] Bytes(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw new FormatException("stdin.data must be a string.");
        }

        var raw = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        return Decode(raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(Text(value, "stdin.data")) : raw);
    }
}
