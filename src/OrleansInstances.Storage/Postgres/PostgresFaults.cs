using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansInstances.Storage.Postgres;

/// <summary>What the errors of a connection mean. An error that is nobody's fault but ours stays what it is.</summary>
/// <param name="settings">Of the connection; messages name host and database, never its secrets.</param>
/// <param name="logger">Gets one line a fault.</param>
internal sealed partial class PostgresFaults(NpgsqlConnectionStringBuilder settings, ILogger logger)
{
    /// <summary>Host, port and database, for people.</summary>
    public string Place { get; } = string.Create(
        CultureInfo.InvariantCulture, $"{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}");

    /// <summary>Of a connection that could not be had: nothing was done.</summary>
    public Exception OfOpening(Exception e) => e switch
    {
        PostgresException answer => Unavailable(Meaning(answer) ?? "refuses the connection", e),
        NpgsqlException { InnerException: TimeoutException } when e.Message.Contains("pool", StringComparison.Ordinal) => Overloaded(),
        NpgsqlException or SocketException or IOException or TimeoutException => Unavailable("can't be reached", e),
        _ => e,
    };

    /// <summary>Of a command that only reads.</summary>
    public Exception OfReading(Exception e) => e switch
    {
        PostgresException answer => OfAnswer(answer),
        NpgsqlException or IOException or TimeoutException => Unavailable("did not answer", e),
        _ => e,
    };

    /// <summary>Of a command that writes. What the server refused is not done; when it didn't answer, that is unknown.</summary>
    public Exception OfWriting(Exception e) => e switch
    {
        PostgresException answer when LeavesOutcomeOpen(answer) => Unknown(e),
        PostgresException answer => OfAnswer(answer),
        NpgsqlException or IOException or TimeoutException => Unknown(e),
        _ => e,
    };

    /// <summary>A server that fails as it commits may find the commit in its log afterwards, and a pooler doesn't know what became of the server behind it.</summary>
    private static bool LeavesOutcomeOpen(PostgresException e) =>
        e.InvariantSeverity == "PANIC" || e.SqlState is ['0', '8', ..] or PostgresErrorCodes.StatementCompletionUnknown;

    private Exception OfAnswer(PostgresException e) => Meaning(e) is { } meaning ? Unavailable(meaning, e) : e;

    /// <summary>What an error of the server says of its condition; null for one that says something of the command.</summary>
    private static string? Meaning(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "can't grow: its disk is full",
        PostgresErrorCodes.ReadOnlySqlTransaction => "can't be written: it is read only, perhaps a standby",
        PostgresErrorCodes.TooManyConnections => "has no connection left",
        PostgresErrorCodes.QueryCanceled => "took longer than its statement_timeout, or was told to stop",
        PostgresErrorCodes.LockNotAvailable => "took longer than its lock_timeout",
        PostgresErrorCodes.InsufficientPrivilege => "forbids it",
        PostgresErrorCodes.InvalidCatalogName => "does not exist",
        ['2', '8', ..] => "refuses the user or its password",
        ['5', '7', ..] => "is starting or shutting down",
        ['4', '0', ..] => "undid the transaction",
        ['0', '8', ..] or ['5', '3', ..] or ['5', '8', ..] => "can't do it now",
        _ => null,
    };

    private StorageUnavailableException Unavailable(string fault, Exception e)
    {
        LogFault(Place, fault, e.Message);
        return new($"The database {Place} {fault} ({e.Message})");
    }

    private StorageOverloadedException Overloaded()
    {
        StorageDiagnostics.WritesRefused.Add(1);
        return new(string.Create(
            CultureInfo.InvariantCulture,
            $"All {settings.MaxPoolSize} connections to the database {Place} were busy for {settings.Timeout} s."));
    }

    private StorageOutcomeUnknownException Unknown(Exception e)
    {
        LogFault(Place, "did not answer a write", e.Message);
        return new($"The database {Place} did not answer a write; whether it was done is unknown ({e.Message})");
    }

    [LoggerMessage(1, LogLevel.Warning, "The database {Place} {Fault}: {Message}")]
    private partial void LogFault(string place, string fault, string message);
}
