using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;
using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Processes;

/// <summary>
/// What every process of a run has in its environment: OI_INSTANCE_ID and OI_EPOCH, and OI_EXEC_ID if a command that ran
/// beside the program started it. Children inherit it, also those that leave the session.
/// </summary>
internal readonly record struct ProcessMark(RunMark Run, Guid? Exec)
{
    private const string InstanceVariable = "OI_INSTANCE_ID";
    private const string EpochVariable = "OI_EPOCH";
    private const string ExecVariable = "OI_EXEC_ID";

    [ThreadStatic]
    private static byte[]? _buffer;

    /// <summary>The environment of a program: what was asked for, and the mark, which nothing asked for can replace.</summary>
    public List<string> AddTo(IReadOnlyDictionary<string, string> environment)
    {
        var all = new List<string>(environment.Count + 3)
        {
            $"{InstanceVariable}={Run.InstanceId:D}",
            string.Create(CultureInfo.InvariantCulture, $"{EpochVariable}={Run.Epoch}"),
        };
        if (Exec is { } exec)
        {
            all.Add($"{ExecVariable}={exec:D}");
        }

        all.AddRange(environment
            .Where(variable => variable.Key is not (InstanceVariable or EpochVariable or ExecVariable))
            .Select(variable => $"{variable.Key}={variable.Value}"));
        return all;
    }

    /// <summary>The mark of a process; null when it has none, is gone, or belongs to another user.</summary>
    public static ProcessMark? Of(int pid)
    {
        Span<byte> path = stackalloc byte[40];
        Utf8.TryWrite(path, $"/proc/{pid}/environ\0", out _);
        if (Posix.TryOpenRead(path, out var fd) is var errno and not 0)
        {
            // Out of descriptors must not read as "nothing of the run is left".
            return errno is Errno.TooManyFiles or Errno.FileTableFull ? throw new PosixException($"open /proc/{pid}/environ", errno) : null;
        }

        try
        {
            return Parse(ReadAll(fd));
        }
        finally
        {
            Posix.Close(fd);
        }
    }

    private static ReadOnlySpan<byte> ReadAll(int fd)
    {
        var buffer = _buffer ??= new byte[64 * 1024];
        var length = 0;
        while (Posix.TryRead(fd, buffer.AsSpan(length), out var read) == 0)
        {
            length += read;
            if (length < buffer.Length)
            {
                break;
            }

            // The kernel bounds an environment by a quarter of the stack limit, commonly 2 MiB.
            Array.Resize(ref buffer, buffer.Length * 2);
            _buffer = buffer;
        }

        return buffer.AsSpan(0, length);
    }

    private static ProcessMark? Parse(ReadOnlySpan<byte> environment)
    {
        if (Value(environment, "OI_INSTANCE_ID="u8) is not { IsEmpty: false } id || Value(environment, "OI_EPOCH="u8) is not { IsEmpty: false } epoch)
        {
            return null;
        }

        return Utf8Parser.TryParse(id, out Guid instanceId, out var idBytes) && idBytes == id.Length
            && Utf8Parser.TryParse(epoch, out long number, out var epochBytes) && epochBytes == epoch.Length
            ? new ProcessMark(
                new RunMark(instanceId, number),
                Utf8Parser.TryParse(Value(environment, "OI_EXEC_ID="u8), out Guid exec, out _) ? exec : null)
            : null;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> nameAndEquals)
    {
        while (environment.IndexOf(nameAndEquals) is var at and >= 0)
        {
            var value = environment[(at + nameAndEquals.Length)..];
            if (at == 0 || environment[at - 1] == 0)
            {
                return value.IndexOf((byte)0) is var end and >= 0 ? value[..end] : value;
            }

            environment = value;
        }

        return default;
    }
}
