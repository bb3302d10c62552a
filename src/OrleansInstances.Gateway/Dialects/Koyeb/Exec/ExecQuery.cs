using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

/// <summary>The same as a first message, in the query.</summary>
internal static class ExecQuery
{
    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("id", JsonSchemaType.String, "The instance, or the service."),
        new("id_type", JsonSchemaType.String, "What id names.") { Words = ["INVALID", "INSTANCE_ID", "SERVICE_ID"] },
        new("body.command", JsonSchemaType.String, "Program and arguments.", Many: true),
        new("body.tty_size.height", JsonSchemaType.Integer, "Rows of the terminal."),
        new("body.tty_size.width", JsonSchemaType.Integer, "Columns of the terminal."),
        new("body.stdin.data", JsonSchemaType.String, "Base64, for stdin."),
        new("body.stdin.close", JsonSchemaType.Boolean, "Nothing follows on stdin."),
        new("body.disableTty", JsonSchemaType.Boolean, "Three pipes in place of a terminal."),
    ];

    /// <summary>What it says, or which parameter makes no sense.</summary>
    public static (ExecFrame Frame, KoyebError? Error) Read(IQueryCollection query)
    {
        try
        {
            return (new ExecFrame(
                One(query, "id"),
                Read(query, "id_type", "idType", ExecFrame.ParseIdType),
                Words(query["body.command"]),
                Size(query),
                Bytes(query, "body.stdin.data", text => ExecFrame.Decode(Encoding.UTF8.GetBytes(text.Replace(' ', '+')))),
                Read(query, "body.stdin.close", null, Flag) ?? false,
                Read(query, "body.disableTty", "body.disable_tty", Flag)), null);
        }
        catch (WrongParameterException wrong)
        {
            return (ExecFrame.Nothing, KoyebError.Invalid(wrong.Parameter, wrong.Message));
        }
    }

    private static TerminalSize? Size(IQueryCollection query)
    {
        const string Height = "body.tty_size.height";
        var height = Read(query, Height, "body.ttySize.height", Number) ?? 0;
        var width = Read(query, "body.tty_size.width", "body.ttySize.width", Number) ?? 0;
        return In(Height, () => ExecFrame.SizeOf(width, height));
    }

    private static ImmutableArray<string>? Words(StringValues command)
    {
        ImmutableArray<string> words = [.. command.OfType<string>()];
        return words.IsEmpty ? null : words;
    }

    private static bool Flag(string text) => text switch
    {
        "" => false,
        _ => bool.TryParse(text, out var flag) ? flag : throw new FormatException("must be true or false"),
    };

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new FormatException("must be an integer");

    private static T? Read<T>(IQueryCollection query, string name, string? otherSpelling, Func<string, T> parse)
        where T : struct =>
        (One(query, name) ?? (otherSpelling is null ? null : One(query, otherSpelling))) is { } text ? In(name, () => parse(text)) : null;

    private static byte[]? Bytes(IQueryCollection query, string name, Func<string, byte[]> parse) =>
        One(query, name) is { } text ? In(name, () => parse(text)) : null;

    private static T In<T>(string parameter, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException wrong)
        {
            throw new WrongParameterException(parameter, wrong.Message);
        }
    }

    private static string? One(IQueryCollection query, string name) => query.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;

    private sealed class WrongParameterException(string parameter, string why) : Exception(why)
    {
        public string Parameter => parameter;
    }
}
