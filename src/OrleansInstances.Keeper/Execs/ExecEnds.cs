using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Execs;

/// <summary>Both sides of what a command reads and writes, until it is started and the silo has its own.</summary>
internal sealed class ExecEnds : IDisposable
{
    private readonly List<int> _open = [];

    private ExecEnds()
    {
    }

    /// <summary>The command's.</summary>
    public SpawnDescriptors Command { get; private set; }

    /// <summary>The silo's, in the order of the protocol.</summary>
    public int[] Silo { get; private set; } = [];

    /// <param name="user">Whose the terminal is.</param>
    /// <exception cref="PosixException">There are no terminals, or descriptors ran out.</exception>
    public static ExecEnds Open(WindowSize? terminal, RunUser? user)
    {
        var ends = new ExecEnds();
        try
        {
            if (terminal is null)
            {
                ends.OpenPipes();
            }
            else
            {
                ends.OpenTerminal(terminal, user);
            }

            return ends;
        }
        catch
        {
            ends.Dispose();
            throw;
        }
    }

    public void Dispose() => _open.ForEach(Posix.Close);

    private void OpenTerminal(WindowSize size, RunUser? user)
    {
        var (controller, device) = Posix.OpenTerminal(size.Columns, size.Rows, user?.Uid);
        _open.Add(controller);
        Command = new SpawnDescriptors(-1, -1, -1, Terminal: device);
        Silo = [controller];
    }

    private void OpenPipes()
    {
        var (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe());
        Command = new SpawnDescriptors(stdin.Reader, stdout.Writer, stderr.Writer);
        Silo = [stdin.Writer, stdout.Reader, stderr.Reader];
    }

    private (int Reader, int Writer) Pipe()
    {
        var pipe = Posix.Pipe();
        _open.AddRange([pipe.Reader, pipe.Writer]);
        return pipe;
    }
}
