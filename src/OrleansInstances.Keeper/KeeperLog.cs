using System.Globalization;
using System.Text;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper;

/// <summary>
/// The keeper's log: a line an entry, on stdout and stderr too, so that what the runtime says of a crash is in it. Past its
/// bound it becomes <c>keeper.log.1</c> and a new one begins. No logging package: the keeper has no dependency at all, so
/// that it can lie beside any host and stays small.
/// </summary>
internal sealed class KeeperLog
{
    private const long MaxBytes = 4 * 1024 * 1024;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private long _length;

    public KeeperLog(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
        Open();
    }

    public void Information(string text) => Write("information", text, failure: null);

    public void Warning(string text, Exception? failure = null) => Write("warning", text, failure);

    public void Error(string text, Exception? failure = null) => Write("error", text, failure);

    private void Write(string level, string text, Exception? failure)
    {
        var because = failure is null ? "" : $" ({failure.Message})";
        var line = string.Create(CultureInfo.InvariantCulture, $"{_time.GetUtcNow():O} {level} {text}{because}\n");
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

    private void Open()
    {
        var fd = Posix.Open(_path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Append, FileModes.OwnerFile);
        _length = Posix.SeekToEnd(fd);
        Posix.Duplicate(fd, StandardOutput);
        Posix.Duplicate(fd, StandardError);
        Posix.Close(fd);
    }
}
