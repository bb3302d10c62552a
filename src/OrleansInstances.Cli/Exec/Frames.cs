using System.Text.Json.Serialization;

namespace OrleansInstances.Cli.Exec;

/// <summary>What is said to the gateway: koyeb's exec frames.</summary>
internal sealed record Said(
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("body")] SaidBody Body);

internal sealed record SaidBody(
    [property: JsonPropertyName("command")] string[]? Command = null,
    [property: JsonPropertyName("tty_size")] SaidSize? Size = null,
    [property: JsonPropertyName("stdin")] SaidInput? Input = null,
    [property: JsonPropertyName("disableTty")] bool? DisableTty = null);

internal sealed record SaidSize(
    [property: JsonPropertyName("width")] int Width,
    [property: JsonPropertyName("height")] int Height);

internal sealed record SaidInput(
    [property: JsonPropertyName("data")] byte[]? Data = null,
    [property: JsonPropertyName("close")] bool Close = false);

/// <summary>What it answers: a result or an error.</summary>
internal sealed record Heard(
    [property: JsonPropertyName("result")] HeardResult? Result,
    [property: JsonPropertyName("error")] HeardError? Error);

internal sealed record HeardResult(
    [property: JsonPropertyName("stdout")] HeardOutput? Stdout,
    [property: JsonPropertyName("stderr")] HeardOutput? Stderr,
    [property: JsonPropertyName("exited")] bool Exited,
    [property: JsonPropertyName("exit_code")] int ExitCode);

internal sealed record HeardOutput([property: JsonPropertyName("data")] byte[] Data);

internal sealed record HeardError(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("details")] HeardDetail[] Details)
{
    public string Text => Details is [{ Message: { } why }, ..] ? why : Message;
}

internal sealed record HeardDetail([property: JsonPropertyName("message")] string? Message);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Said))]
[JsonSerializable(typeof(Heard))]
internal sealed partial class FrameJson : JsonSerializerContext;
