using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Runs;

/// <summary>Which file a command executes, or in plain words why it can't be executed.</summary>
/// <param name="Path">Absolute; null when there is a problem.</param>
/// <param name="IsMissing">The problem is that there is no such file.</param>
internal readonly record struct ProgramFile(string? Path, string? Problem, bool IsMissing = false)
{
    private const string DefaultSearchPath = "/usr/local/bin:/usr/bin:/bin";
    private const int LongestInterpreterLine = 256;

    /// <summary>The program of a command, once it is found that all that it is given can be given to a program.</summary>
    /// <param name="cwd">The working directory.</param>
    /// <param name="user">Whom it is to run as; null is the keeper's own.</param>
    public static ProgramFile Find(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string cwd, RunUser? user) =>
        Fault(command, environment, cwd, user) is { } problem ? new(null, problem) : Find(command[0], environment, cwd);

    /// <summary>Words for what the kernel answered when it was to execute a file that was found.</summary>
    public static string Explain(string path, int errno) => errno switch
    {
        Errno.NoEntry when Interpreter(path) is { } interpreter => $"The interpreter {interpreter} of {path} does not exist.",
        Errno.NoEntry => $"The loader that {path} needs does not exist.",
        Errno.NoExec => $"{path} is not a program: neither a binary of this machine nor a script with an interpreter line.",
        Errno.Access when Interpreter(path) is { } interpreter => $"{path} or its interpreter {interpreter} may not be executed.",
        _ => new PosixException($"execute {path}", errno).Message,
    };

    private static string? Fault(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string cwd, RunUser? user)
    {
        if (command.Count == 0 || command[0].Length == 0)
        {
            return "The command names no program.";
        }

        if (Spawn.Refuse(user) is { } refusal)
        {
            return refusal;
        }

        if (!System.IO.Path.IsPathRooted(cwd))
        {
            return $"The working directory {cwd} is not absolute.";
        }

        if (command.Append(cwd).Concat(environment.Keys).Concat(environment.Values).Any(text => text.Contains('\0')))
        {
            return "A zero byte is in the command, its environment or its working directory.";
        }

        return environment.Keys.FirstOrDefault(name => name.Length == 0 || name.Contains('=')) is { } wrong
            ? $"The environment variable's name '{wrong}' is empty or holds '='."
            : null;
    }

    /// <summary>Looks a program up as execvp(3) does, in the PATH that the program itself will get.</summary>
    private static ProgramFile Find(string name, IReadOnlyDictionary<string, string> environment, string cwd)
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

        return unusable ?? new(null, $"The program {name} was not found in PATH ({searchPath}).", IsMissing: true);
    }

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
            Errno.NoEntry => new(null, $"The program {name} does not exist ({path}).", IsMissing: true),
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
