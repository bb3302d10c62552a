namespace OrleansInstances.Keeper.Interop;

/// <summary>What to execute and what it gets.</summary>
/// <param name="Program">Path of the file, absolute.</param>
/// <param name="Arguments">From the program's own name on.</param>
/// <param name="Environment">The whole of it, <c>NAME=value</c> each.</param>
/// <param name="Cwd">Absolute.</param>
/// <param name="Stdin">Path of a FIFO that has a writer.</param>
/// <param name="StdinReadWrite">The program holds a write end of its own stdin, and so never reads end of file.</param>
/// <param name="Stdout">Path of a FIFO; opened read-write, so that writing never fails for want of a reader.</param>
/// <param name="Stderr">The same for stderr; null gives it stdout's.</param>
internal sealed record SpawnOrder(
    string Program,
    IReadOnlyList<string> Arguments,
    IReadOnlyList<string> Environment,
    string Cwd,
    string Stdin,
    bool StdinReadWrite,
    string Stdout,
    string? Stderr);
