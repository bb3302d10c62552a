using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper;

/// <summary>
/// The keeper's log: a line an entry, on stdout and stderr too, so that what the runtime says of a crash is in it. Past its
/// bound it becomes <c>keeper.log.1</c> and a new one begins.
/// </summary>
internal sealed class KeeperLogFile : ILogger
{
    private const long MaxBytes = 4 * 1024 * 1024;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _length;

    public KeeperLogFile(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        Open();
    }

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var because = exception is null ? "" : $" ({exception.Message})";
        var line = string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():O} {logLevel} {formatter(state, exception)}{because}\n");
        lock (_lock)
        {
            if (_length > MaxBytes)
            {
                File.Move(_path, _path + ".1", overwrite: true);
                Open();
            }

            // Nothing can be said anywhere about a log that takes no more.
            _ = Posix.TryWrite(StandardError, Encoding.UTF8.GetBytes(line), out var written);
            _length += written;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    private void Open()
    {
        var fd = Posix.Open(_path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, FileModes.OwnerFile);
        _length = Posix.SeekToEnd(fd);
        Posix.Duplicate(fd, StandardOutput);
        Posix.Duplicate(fd, StandardError);
        Posix.Close(fd);
    }
}
