namespace Orleans.Runtime;

/// <summary>The name of a grain interface.</summary>
public readonly struct GrainInterfaceType(IdSpan value)
{
    public IdSpan Value { get; } = value;

    public override string ToString() => Value.ToString() ?? "";
}
