namespace OrleansInstances.Engines.Tests.Grains;

[Alias("test.IStateGrain")]
public interface IStateGrain : IGrainWithStringKey
{
    [Alias("read")]
    Task<StateView> ReadAsync();

    [Alias("write")]
    Task<StateView> WriteAsync(int value);

    [Alias("clear")]
    Task<StateView> ClearAsync();

    /// <summary>Which object answers.</summary>
    [Alias("who")]
    Task<Guid> WhoAsync();

    /// <summary>Writes through another grain.</summary>
    [Alias("write-through")]
    Task WriteThroughAsync(string other, int value);
}

[GenerateSerializer, Immutable, Alias("test.StateView")]
public sealed record StateView([property: Id(0)] int Value, [property: Id(1)] bool Exists, [property: Id(2)] string? Etag);
