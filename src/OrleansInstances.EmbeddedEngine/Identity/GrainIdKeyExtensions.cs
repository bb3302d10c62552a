namespace Orleans.Runtime;

/// <summary>Keys that are a <see cref="Guid"/>: 32 hexadecimal digits.</summary>
public static class GrainIdKeyExtensions
{
    public static IdSpan CreateGuidKey(Guid key) => IdSpan.Create(key.ToString("N"));

    /// <exception cref="ArgumentException">The key is no <see cref="Guid"/>.</exception>
    public static Guid GetGuidKey(this GrainId grainId) => Guid.TryParseExact(grainId.Key.ToString(), "N", out var key)
        ? key
        : throw new ArgumentException($"Value \"{grainId}\" is not in the correct format for a Guid key.", nameof(grainId));
}
