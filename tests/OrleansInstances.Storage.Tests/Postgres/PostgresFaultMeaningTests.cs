using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansInstances.Storage.Postgres;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>What answers of a server that is hard to bring about mean for a write.</summary>
public sealed class PostgresFaultMeaningTests
{
    private readonly PostgresFaults faults = new(new NpgsqlConnectionStringBuilder { Host = "db", Password = "secret" }, NullLogger.Instance);

    [Theory]
    [InlineData("PANIC", PostgresErrorCodes.IoError)]
    [InlineData("PANIC", PostgresErrorCodes.DiskFull)]
    [InlineData("FATAL", PostgresErrorCodes.ProtocolViolation)]
    [InlineData("ERROR", PostgresErrorCodes.StatementCompletionUnknown)]
    public void A_commit_that_may_be_found_in_the_log_afterwards_is_an_outcome_unknown(string severity, string state) =>
        Assert.IsType<StorageOutcomeUnknownException>(faults.OfWriting(Answer(severity, state)));

    [Theory]
    [InlineData("ERROR", PostgresErrorCodes.DiskFull)]
    [InlineData("ERROR", PostgresErrorCodes.ReadOnlySqlTransaction)]
    [InlineData("ERROR", PostgresErrorCodes.SerializationFailure)]
    [InlineData("FATAL", PostgresErrorCodes.TooManyConnections)]
    public void What_the_server_refused_is_not_done(string severity, string state) =>
        Assert.IsType<StorageUnavailableException>(faults.OfWriting(Answer(severity, state)));

    [Fact]
    public void An_error_of_ours_stays_what_it_is()
    {
        var error = Answer("ERROR", PostgresErrorCodes.UndefinedColumn);

        Assert.Same(error, faults.OfWriting(error));
    }

    private static PostgresException Answer(string severity, string state) => new("text", severity, severity, state);
}
