using System.Diagnostics;

namespace OrleansInstances.Bench.Processes;

/// <summary>A child as any .NET program starts one, with stdin and stdout on pipes: most of the floors.</summary>
internal sealed class PipedChild : IDisposable
{
    private readonly Process _process;

    private PipedChild(Process process)
    {
        _process = process;
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public static PipedChild Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["LC_ALL"] = "C";
        return new PipedChild(Process.Start(start)!);
    }

    /// <summary>SIGKILL, and waits for the end.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void WaitForExit() => _process.WaitForExit();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
