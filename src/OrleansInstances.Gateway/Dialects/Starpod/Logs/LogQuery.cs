using System.Collections.Immutable;
using System.Globalization;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>How the output is written.</summary>
internal enum LogFormat
{
    Ndjson,
    Text,
    Raw,
    Sse,
}

/// <summary>What GET …/logs asks for.</summary>
internal sealed record LogQuery(long? From, int? Tail, DateTimeOffset? Since, LogFormat Format)
{
    private const string LastEventId = "Last-Event-ID";

    private const int DefaultTail = 50;
    private const int MaxTail = 1_000_000;

    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("tail", JsonSchemaType.Integer, "The last lines; 50 when neither from nor since is given."),
        new("from", JsonSchemaType.Integer, "From this byte offset on."),
        new("since", JsonSchemaType.String, "Only what was captured then or later: unix seconds or RFC 3339."),
        new("follow", JsonSchemaType.Boolean, "Go on with what comes until the instance is deleted."),
        new("stream", JsonSchemaType.String, "Only this stream of a split console.") { Words = ["stdout", "stderr"] },
        new("format", JsonSchemaType.String, "How it is written.") { Words = ["ndjson", "text", "sse", "raw"] },
    ];

    /// <summary>Go on with what comes.</summary>
    public bool Follow { get; private init; }

    /// <summary>Null is both.</summary>
    public OutputStream? Stream { get; private init; }

    /// <summary>What an event source that comes back says it has; it goes before the rest of the query.</summary>
    public ResumePoint? Resume { get; private init; }

    public OutputQuery Of(Guid instanceId) => Resume is { } point
        ? new(instanceId, point.From, TailLines: null, Since: null, MaxBytes: 0)
        : new(instanceId, From, Tail, Since, MaxBytes: 0) { Stream = Stream };

    /// <summary>Reads the parameters, and what an event source adds to them.</summary>
    public static Parsed<LogQuery> Read(HttpRequest request)
    {
        var query = request.Query;
        if (Flag(query, "follow") is not { } follow)
        {
            return ApiError.Invalid("follow must be true or false.");
        }

        if (FormatOf(query["format"]) is not { } format)
        {
            return ApiError.Invalid("format must be ndjson, text, sse or raw.");
        }

        if (!TryStream(query["stream"], out var stream))
        {
            return ApiError.Invalid("stream must be stdout or stderr.");
        }

        ResumePoint? resume = null;
        if (format == LogFormat.Sse && request.Headers[LastEventId].ToString() is { Length: > 0 } id && (resume = ResumePoint.Parse(id)) is null)
        {
            return ApiError.Invalid($"{LastEventId} must be the id of an event of this log.");
        }

        if (!TryCount(query, "from", long.MaxValue, out var from))
        {
            return ApiError.Invalid("from must be a byte offset, 0 or more.");
        }

        if (!TryCount(query, "tail", MaxTail, out var tail))
        {
            return ApiError.Invalid($"tail must be a number of lines, 0 to {MaxTail}.");
        }

        if (from is not null && tail is not null)
        {
            return ApiError.Invalid("from and tail exclude each other.");
        }

        if (!QueryTime.TryRead(query, "since", out var since))
        {
            return ApiError.Invalid("since must be unix seconds or an RFC 3339 time.");
        }

        return new LogQuery(from, (int?)tail ?? (from is null && since is null ? DefaultTail : null), since, format)
        {
            Follow = follow,
            Stream = stream,
            Resume = resume,
        };
    }

    /// <summary>Null for what is not there; false for what is no count.</summary>
    private static bool TryCount(IQueryCollection query, string name, long most, out long? count)
    {
        count = long.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed <= most ? parsed : null;
        return count is not null || !query.ContainsKey(name);
    }

    private static bool? Flag(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" or "false" or "0" => false,
        "true" or "1" => true,
        _ => null,
    };

    private static LogFormat? FormatOf(string? word) => word switch
    {
        null or "ndjson" => LogFormat.Ndjson,
        "text" => LogFormat.Text,
        "raw" => LogFormat.Raw,
        "sse" => LogFormat.Sse,
        _ => null,
    };

    private static bool TryStream(string? word, out OutputStream? stream)
    {
        stream = word switch
        {
            "stdout" => OutputStream.Stdout,
            "stderr" => OutputStream.Stderr,
            _ => null,
        };
        return word is null || stream is not null;
    }
}
