using System.Diagnostics;

namespace OrleansInstances.Bench.Processes;

/// <summary>The last lines a program of ours printed, for the message when it fails.</summary>
internal sealed class OutputTail
{
    private const int MaxLines = 60;

    private readonly Queue<string> _lines = new();

    /// <summary>Starts a program and keeps what it prints.</summary>
    public Process Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    public override string ToString()
    {
        lock (_lines)
        {
            return string.Join('\n', _lines);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        lock (_lines)
        {
            if (_lines.Count == MaxLines)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line.Data);
        }
    }
}
