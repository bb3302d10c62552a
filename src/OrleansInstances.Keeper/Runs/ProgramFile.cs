using OrleansInstances.Keeper.Interop;

namespace OrleansInstances.Keeper.Runs;

/// <summary>Which file a command executes, or in plain words why it can't be executed.</summary>
/// <param name="Path">Absolute; null when there is a problem.</param>
internal readonly record struct ProgramFile(string? Path, string? Problem)
{
    private const string DefaultSearchPath = "/usr/local/bin:/usr/bin:/bin";
    private const int LongestInterpreterLine = 256;

    /// <summary>Looks a program up as execvp(3) does, in the PATH that the program itself will get.</summary>
    public static ProgramFile Find(string name, IReadOnlyDictionary<string, string> environment, string cwd)
    {
        if (!Directory.Exists(cwd))
        {
            return new(null, File.Exists(cwd) ? $"The working directory {cwd} is not a directory." : $"The working directory {cwd} does not exist.");
        }

        if (name.Contains('/'))
        {
            return Check(System.IO.Path.Combine(cwd, name), name);
        }

        ProgramFile? unusable = null;
        var searchPath = environment.GetValueOrDefault("PATH", DefaultSearchPath);
        foreach (var folder in searchPath.Split(':'))
        {
            var candidate = System.IO.Path.Combine(cwd, folder, name);
            if (!File.Exists(candidate))
            {
                continue;
            }

            var file = Check(candidate, name);
            if (file.Problem is null)
            {
                return file;
            }

            unusable ??= file;
        }

        return unusable ?? new(null, $"The program {name} was not found in PATH ({searchPath}).");
    }

    /// <summary>Words for what the kernel answered when it was to execute a file that <see cref="Find"/> had found.</summary>
    public static string Explain(string path, int errno) => errno switch
    {
        Errno.NoEntry when Interpreter(path) is { } interpreter => $"The interpreter {interpreter} of {path} does not exist.",
        Errno.NoEntry => $"The loader that {path} needs does not exist.",
        Errno.NoExec => $"{path} is not a program: neither a binary of this machine nor a script with an interpreter line.",
        Errno.Access when Interpreter(path) is { } interpreter => $"{path} or its interpreter {interpreter} may not be executed.",
        _ => new PosixException($"execute {path}", errno).Message,
    };

    private static ProgramFile Check(string path, string name)
    {
        if (Directory.Exists(path))
        {
            return new(null, $"The program {name} is a directory.");
        }

        return Posix.TryExecuteAccess(path) switch
        {
            0 => new(path, null),
            Errno.Access => new(null, $"The program {name} may not be executed ({path})."),
            Errno.NoEntry => new(null, $"The program {name} does not exist ({path})."),
            var errno => new(null, new PosixException($"The program {name}", errno).Message),
        };
    }

    private static string? Interpreter(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[LongestInterpreterLine];
        head = head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        if (!head.StartsWith("#!"u8))
        {
            return null;
        }

        var line = System.Text.Encoding.UTF8.GetString(head[2..]).Split('\n')[0].Trim();
        return line.Split(' ', '\t')[0];
    }
}
