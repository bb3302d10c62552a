using System.Collections.Immutable;
using System.Globalization;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>Reads the parameters of a query and notes all that is wrong with them. What koyeb's document doesn't name is passed over, and an empty text is as if it weren't there.</summary>
internal sealed class KoyebQuery(IQueryCollection query)
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 100;
    private const string Ascending = "asc";
    private const string Descending = "desc";

    private readonly List<KoyebField> _faults = [];

    /// <summary>Of everything that comes in pages.</summary>
    public static readonly ImmutableArray<QueryParameter> PageParameters =
    [
        new("limit", JsonSchemaType.String, "At most this many; 10 when not given, 100 at most."),
        new("offset", JsonSchemaType.String, "How many to leave out before."),
        new("order", JsonSchemaType.String, "asc, or desc, which is the newest first and the default.") { Words = [Ascending, Descending] },
    ];

    /// <summary>Why the query can't be answered; null when it can.</summary>
    public KoyebError? Fault => _faults.Count == 0 ? null : KoyebError.Invalid(_faults);

    /// <summary>The word for an order.</summary>
    public static string OrderOf(PageRequest page) => page.Descending ? Descending : Ascending;

    public void Refuse(string name, string why) => _faults.Add(new(name, why));

    /// <summary>A single text; null when there is none.</summary>
    public string? Text(string name)
    {
        var values = Many(name);
        if (values.Count > 1)
        {
            Refuse(name, "must be given once");
        }

        return values.FirstOrDefault();
    }

    /// <summary>All texts of a parameter that may be repeated.</summary>
    public IReadOnlyList<string> Many(string name)
    {
        var values = query[name].OfType<string>().Where(value => value.Length > 0).ToList();
        if (values.Exists(value => value.Contains('\0', StringComparison.Ordinal)))
        {
            Refuse(name, "must not contain NUL");
            return [];
        }

        return values;
    }

    /// <summary>A number, 0 or more; null when there is none.</summary>
    public int? Number(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        Refuse(name, $"must be a number from 0 to {int.MaxValue}");
        return null;
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (KoyebTime.Parse(text) is { } time)
        {
            return time;
        }

        Refuse(name, "must be a date-time of RFC 3339");
        return null;
    }

    public PageRequest Page() => new(Math.Min(Number("limit") is > 0 and var limit ? limit : DefaultLimit, MaxLimit), Number("offset") ?? 0, IsDescending());

    private bool IsDescending()
    {
        switch (Text("order")?.ToLowerInvariant())
        {
            case Ascending:
                return false;
            case null or Descending:
                return true;
            default:
                Refuse("order", $"must be {Ascending} or {Descending}");
                return true;
        }
    }
}
