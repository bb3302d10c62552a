using System.Globalization;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>How the output is written.</summary>
internal enum LogFormat
{
    Ndjson,
    Text,
    Raw,
}

/// <summary>What GET …/logs asks for.</summary>
internal sealed record LogQuery(long? From, int? Tail, DateTimeOffset? Since, LogFormat Format)
{
    private const int DefaultTail = 50;
    private const int MaxTail = 1_000_000;

    public OutputQuery Of(Guid instanceId) => new(instanceId, From, Tail, Since, MaxBytes: 0);

    /// <summary>Reads the parameters.</summary>
    public static Parsed<LogQuery> Read(IQueryCollection query)
    {
        if (Flag(query, "follow") is not { } follow)
        {
            return ApiError.Invalid("follow must be true or false.");
        }

        if (follow || query["format"] == "sse")
        {
            return ApiError.Invalid($"{(follow ? "follow" : "format=sse")} is not supported yet.", "not_supported");
        }

        if (query.ContainsKey("stream"))
        {
            return ApiError.Invalid("stream is not supported yet.", "not_supported");
        }

        if (FormatOf(query["format"]) is not { } format)
        {
            return ApiError.Invalid("format must be ndjson, text or raw.");
        }

        long? from = null;
        if (query["from"] is [{ } fromText, ..])
        {
            if (!long.TryParse(fromText, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                return ApiError.Invalid("from must be a byte offset, 0 or more.");
            }

            from = parsed;
        }

        int? tail = null;
        if (query["tail"] is [{ } tailText, ..])
        {
            if (!int.TryParse(tailText, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) || parsed > MaxTail)
            {
                return ApiError.Invalid($"tail must be a number of lines, 0 to {MaxTail}.");
            }

            tail = parsed;
        }

        if (from is not null && tail is not null)
        {
            return ApiError.Invalid("from and tail exclude each other.");
        }

        DateTimeOffset? since = null;
        if (query["since"] is [{ } sinceText, ..])
        {
            since = TimeOf(sinceText);
            if (since is null)
            {
                return ApiError.Invalid("since must be unix seconds or an RFC 3339 time.");
            }
        }

        return new LogQuery(from, tail ?? (from is null && since is null ? DefaultTail : null), since, format);
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
        _ => null,
    };

    private static DateTimeOffset? TimeOf(string text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
        {
            return seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
                : null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }
}
