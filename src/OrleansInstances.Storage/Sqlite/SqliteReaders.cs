using System.Collections.Concurrent;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>A bounded pool of read-only connections. A read sees all that was committed before it began.</summary>
internal sealed class SqliteReaders(SqliteFile file, SqliteStorageOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim free = new(options.Readers);
    private readonly ConcurrentBag<SqliteSession> idle = [];

    /// <summary>Runs <paramref name="read"/> on a free connection, waiting for one at most the busy timeout.</summary>
    /// <exception cref="StorageOverloadedException">None came free in time.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        if (!await free.WaitAsync(options.BusyTimeout, cancellationToken))
        {
            throw new StorageOverloadedException($"All {options.Readers} readers of {file.Path} are busy.");
        }

        try
        {
            var session = idle.TryTake(out var open) ? open : file.OpenReader();
            try
            {
                return read(session);
            }
            finally
            {
                idle.Add(session);
            }
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Waits for running reads, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < options.Readers; i++)
        {
            await free.WaitAsync();
        }

        foreach (var session in idle)
        {
            session.Dispose();
        }

        free.Dispose();
    }
}
