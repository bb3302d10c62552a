namespace OrleansInstances.Keeper.Console;

/// <summary>Which of a program's outputs bytes came from. The numbers are on disk.</summary>
public enum ConsoleStream
{
    /// <summary>stdout, or both when the console doesn't tell them apart.</summary>
    Output = 0,
    Error = 1,
}
