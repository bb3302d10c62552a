using System.Diagnostics;

namespace OrleansInstances.Storage.Tests;

/// <summary>This assembly's program as a process of its own; it is killed at the latest when the test ends.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;

    private ChildProcess(Process process) => this.process = process;

    public static ChildProcess Start(params string[] arguments)
    {
        var runner = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        var start = new ProcessStartInfo(runner) { RedirectStandardOutput = true };
        foreach (var argument in (string[])["exec", typeof(ChildProcess).Assembly.Location, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Waits until the child writes a line that starts like this.</summary>
    public async Task<string> WaitForLineAsync(string start)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
            {
                if (line.StartsWith(start, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The child did not say \"{start}\" within {Patience}.");
        }

        throw new InvalidOperationException($"The child ended without saying \"{start}\".");
    }

    /// <summary>SIGKILL, at once.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The child {process.Id} did not end within {Patience}.");
        }

        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        process.Dispose();
    }
}
