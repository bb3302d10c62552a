using System.Data.Common;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansInstances.Storage.Postgres;

/// <summary>A database on a PostgreSQL server. Tokens end the wait for a connection; a command that was sent is finished.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    /// <summary>
    /// What a page of a large table needs of the planner, for one transaction: a plan for the values that are asked for, not
    /// for all that could be, and rows taken in the order of an index until the page is full, never gathered first.
    /// </summary>
    internal const string PlanForPage = """
        SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_bitmapscan', 'off', true),
            set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true)
        """;

    private readonly PostgresConnections connections;
    private readonly PostgresFaults faults;

    private PostgresDatabase(PostgresConnections connections, PostgresFaults faults)
    {
        this.connections = connections;
        this.faults = faults;
    }

    /// <summary>The pool, for Orleans' provider.</summary>
    public DbDataSource Connections => connections;

    /// <summary>Connects, and brings the tables up to date.</summary>
    /// <exception cref="StorageUnavailableException">The server can't be used, or a newer release wrote the tables.</exception>
    public static PostgresDatabase Open(PostgresStorageOptions options, ILogger<PostgresDatabase> logger)
    {
        var settings = PostgresConnectionString.WithDefaults(options.ConnectionString);
        var faults = new PostgresFaults(settings, logger);
        var connections = new PostgresConnections(settings, faults);
        try
        {
            using var connection = connections.Open();
            PostgresMigrator.Migrate(connection, SqlScript.All("Postgres"), options.MigrationTimeout, faults.Place);
        }
        catch (Exception e)
        {
            connections.Dispose();
            throw faults.OfReading(e);
        }

        return new PostgresDatabase(connections, faults);
    }

    public Task<List<T>> ListAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        ReadAsync(connection => connection.ListAsync(sql, map, parameters), cancellationToken);

    /// <summary>As <see cref="ListAsync"/>, of a few rows of a large table in the order of an index.</summary>
    public async Task<List<T>> ListPageAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        try
        {
            // One round trip, and so one transaction.
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(PlanForPage), new(sql) } };
            batch.BatchCommands[1].Parameters.Bind(parameters);
            return await batch.ListLastAsync(map);
        }
        catch (Exception e)
        {
            throw OfReading(e);
        }
    }

    /// <summary>The first row, mapped; default when there is none.</summary>
    public Task<T?> FirstAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        ReadAsync(connection => connection.FirstAsync(sql, map, parameters), cancellationToken);

    /// <summary>Runs a statement that writes; answers the number of rows it changed.</summary>
    public Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        WriteAsync(connection => connection.ExecuteAsync(sql, parameters), cancellationToken);

    /// <summary>Runs a statement that writes; answers its first row, mapped, or default when there is none.</summary>
    public Task<T?> ExecuteAsync<T>(
        string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        WriteAsync(connection => connection.FirstAsync(sql, map, parameters), cancellationToken);

    /// <exception cref="StorageOutcomeUnknownException">The server did not answer.</exception>
    public async Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        try
        {
            return await write(connection);
        }
        catch (Exception e)
        {
            throw OfWriting(e);
        }
    }

    /// <summary>What an error of a command that reads means, wherever the command came from.</summary>
    public Exception OfReading(Exception e)
    {
        ForgetBroken(e);
        return faults.OfReading(e);
    }

    /// <inheritdoc cref="OfReading"/>
    public Exception OfWriting(Exception e)
    {
        ForgetBroken(e);
        return faults.OfWriting(e);
    }

    public ValueTask DisposeAsync() => connections.DisposeAsync();

    private async Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = await connections.OpenAsync(cancellationToken);
        try
        {
            return await read(connection);
        }
        catch (Exception e)
        {
            throw OfReading(e);
        }
    }

    /// <summary>A command that took too long says nothing of other connections.</summary>
    private void ForgetBroken(Exception e)
    {
        if (e is PostgresException { SqlState: ['5', '7', 'P', ..] } or (NpgsqlException { InnerException: not TimeoutException } and not PostgresException))
        {
            connections.Forget();
        }
    }
}
