using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>The embedded database: one file, one writer, a few readers.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private readonly SqliteFile file;
    private readonly SqliteWriter writer;
    private readonly SqliteReaders readers;
    private bool closed;

    private SqliteDatabase(SqliteFile file, SqliteWriter writer, SqliteReaders readers)
    {
        this.file = file;
        this.writer = writer;
        this.readers = readers;
    }

    public string Path => file.Path;

    /// <summary>Opens the file, makes it when it is missing, and brings its tables up to date.</summary>
    /// <exception cref="StorageUnavailableException">The folder or file can't be used, or a newer release wrote it.</exception>
    public static SqliteDatabase Open(SqliteStorageOptions options, TimeProvider time, ILogger<SqliteDatabase> logger)
    {
        var file = new SqliteFile(options);
        var session = file.OpenWriter();
        try
        {
            SqliteMigrator.Migrate(session, SqlScript.All("Sqlite"), time);
        }
        catch (Exception e)
        {
            session.Dispose();
            throw e is SqliteException sqlite ? file.Translate(sqlite) : e;
        }

        return new SqliteDatabase(file, new SqliteWriter(file, session, options, logger), new SqliteReaders(file, options));
    }

    /// <inheritdoc cref="SqliteWriter.WriteAsync"/>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken = default) =>
        writer.WriteAsync(work, cancellationToken);

    /// <inheritdoc cref="SqliteReaders.ReadAsync"/>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken = default)
    {
        try
        {
            return await readers.ReadAsync(read, cancellationToken);
        }
        catch (SqliteException e)
        {
            throw file.Translate(e);
        }
    }

    /// <summary>Finishes what was asked for before, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref closed, true))
        {
            return;
        }

        await readers.DisposeAsync();
        await writer.DisposeAsync();
    }
}
