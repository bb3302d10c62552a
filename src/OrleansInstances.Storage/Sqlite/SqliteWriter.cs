using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>
/// The only writer of the file. It takes all requests that wait, up to a bound, runs each in a savepoint of one
/// transaction, commits once, and then ends them: many callers share the cost of one commit.
/// </summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private readonly SqliteFile file;
    private readonly SqliteStorageOptions options;
    private readonly ILogger logger;
    private readonly Channel<SqliteWrite> queue;
    private readonly Task loop;
    private SqliteSession? session;
    private volatile bool closed;

    public SqliteWriter(SqliteFile file, SqliteSession session, SqliteStorageOptions options, ILogger logger)
    {
        this.file = file;
        this.session = session;
        this.options = options;
        this.logger = logger;
        queue = Channel.CreateBounded<SqliteWrite>(new BoundedChannelOptions(options.WriteQueueLength) { SingleReader = true });
        loop = Task.Run(RunAsync);
    }

    /// <summary>Runs <paramref name="work"/> in the writer's next transaction; completes once it is committed.</summary>
    /// <exception cref="StorageOverloadedException">The queue is full; nothing was done.</exception>
    /// <exception cref="StorageUnavailableException">The database can't be written; nothing was done.</exception>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        var write = new SqliteWrite<T>(work, cancellationToken);
        if (!queue.Writer.TryWrite(write))
        {
            ObjectDisposedException.ThrowIf(closed, this);
            StorageDiagnostics.WritesRefused.Add(1);
            throw new StorageOverloadedException(
                $"The database {file.Path} has {options.WriteQueueLength} writes waiting, which is its bound.");
        }

        return write.Outcome;
    }

    /// <summary>Finishes what waits, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        closed = true;
        queue.Writer.TryComplete();
        await loop;
        session?.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<SqliteWrite>(options.MaxBatch);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < options.MaxBatch && queue.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }

            Commit(batch);
            foreach (var write in batch)
            {
                write.End();
            }

            batch.Clear();
        }
    }

    private void Commit(List<SqliteWrite> batch)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            session ??= file.OpenWriter();
            session.Execute("BEGIN IMMEDIATE");
            foreach (var write in batch)
            {
                RunAlone(session, write);
            }

            session.Execute("COMMIT");
            StorageDiagnostics.BatchSize.Record(batch.Count);
            StorageDiagnostics.CommitDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        catch (Exception e)
        {
            var fault = Translate(e);
            LogCommitFailed(logger, fault, batch.Count, file.Path);
            foreach (var write in batch)
            {
                write.Reject(fault);
            }

            // Closing rolls back what is open; the next batch begins with a connection whose state is known.
            session?.Dispose();
            session = null;
        }
    }

    private void RunAlone(SqliteSession session, SqliteWrite write)
    {
        session.Execute("SAVEPOINT request");
        try
        {
            write.Run(session);
        }
        catch (Exception e) when (session.InTransaction)
        {
            session.Execute("ROLLBACK TO request");
            write.Reject(Translate(e));
        }

        session.Execute("RELEASE request");
    }

    private Exception Translate(Exception e) => e is SqliteException sqlite ? file.Translate(sqlite) : e;
}
