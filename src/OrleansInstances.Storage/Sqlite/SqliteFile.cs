using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>The database file: how to open it, and what its errors mean.</summary>
internal sealed class SqliteFile(SqliteStorageOptions options)
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetFullPath(options.DataFolder), "state.db");

    /// <summary>Opens the file for writing; makes it, readable for its user only, when it is missing.</summary>
    public SqliteSession Create()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            return OpenWriter(SqliteOpenMode.ReadWriteCreate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageUnavailableException($"The data folder of {Path} can't be used: {e.Message}");
        }
    }

    /// <summary>Opens the file for writing again; one that is gone is not made anew.</summary>
    public SqliteSession Reopen() => OpenWriter(SqliteOpenMode.ReadWrite);

    /// <summary>SQLite itself goes on in a deleted file without a word, and all of it is lost with the process.</summary>
    public void ThrowIfGone()
    {
        if (!File.Exists(Path))
        {
            throw new StorageUnavailableException($"The database {Path} is gone: it was deleted or moved while in use.");
        }
    }

    public SqliteSession OpenReader()
    {
        try
        {
            return Open(SqliteOpenMode.ReadOnly);
        }
        catch (SqliteException e)
        {
            throw Translate(e);
        }
    }

    /// <summary>An exception that names the file and the fault; any error that is not the file's comes back as it is.</summary>
    public Exception Translate(SqliteException e)
    {
        var fault = e.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => string.Create(
                CultureInfo.InvariantCulture, $"is locked by another process, for more than {options.BusyTimeout.TotalSeconds} s"),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "is corrupt or not a database of this program",
            raw.SQLITE_FULL => "can't grow: the disk is full",
            raw.SQLITE_READONLY or raw.SQLITE_PERM => "can't be written",
            raw.SQLITE_CANTOPEN => "can't be opened",
            raw.SQLITE_IOERR => "can't be read or written: the disk reports an error",
            _ => null,
        };
        return fault is null ? e : new StorageUnavailableException($"The database {Path} {fault} ({e.Message})");
    }

    private SqliteSession OpenWriter(SqliteOpenMode mode)
    {
        SqliteSession? session = null;
        try
        {
            session = Open(mode);
            // Before WAL is switched on: SQLite gives its side files the mode of the database.
            RestrictToUser();
            session.Execute("PRAGMA journal_mode = WAL");
            session.Execute(options.Synchronous == SqliteSynchronous.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            session.Execute("PRAGMA journal_size_limit = 67108864");
            return session;
        }
        catch (Exception e)
        {
            session?.Dispose();
            throw e is SqliteException sqlite ? Translate(sqlite) : e;
        }
    }

    private SqliteSession Open(SqliteOpenMode mode)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = mode,
            Pooling = false,
            // Microsoft.Data.Sqlite retries a busy statement on its own until this time has passed; 0 would be forever.
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        };
        var connection = new SqliteConnection(text.ConnectionString);
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}"));
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void RestrictToUser()
    {
        const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(Path) != UserOnly)
        {
            File.SetUnixFileMode(Path, UserOnly);
        }
    }
}
