using Npgsql;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Reads connection strings, and adds what they leave open.</summary>
public static class PostgresConnectionString
{
    private const string Form = "Host=…;Port=…;Database=…;Username=…;Password=…";

    private static readonly Dictionary<string, object> Defaults = new()
    {
        ["Application Name"] = "orleans-instances",
        // Seconds. A caller waits at most for a connection and then for its command.
        ["Timeout"] = 3,
        ["Command Timeout"] = 10,
        ["Maximum Pool Size"] = 50,
        ["Max Auto Prepare"] = 100,
        ["Auto Prepare Min Usages"] = 2,
    };

    /// <summary>
    /// Why a string can't be used, to be read after the setting's name; null when it can. It repeats nothing of the
    /// string, which holds a password, in one that is badly written perhaps as a keyword.
    /// </summary>
    public static string? FaultOf(string text)
    {
        try
        {
            return string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(text).Host)
                ? $"names no host: it must be {Form}."
                : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or InvalidCastException or KeyNotFoundException)
        {
            return $"is no connection string: it must be {Form}.";
        }
    }

    internal static NpgsqlConnectionStringBuilder WithDefaults(string text)
    {
        var given = new NpgsqlConnectionStringBuilder(text);
        foreach (var (key, value) in Defaults)
        {
            if (!given.Keys.Contains(key))
            {
                given[key] = value;
            }
        }

        return given;
    }
}
