namespace Orleans.Runtime;

/// <summary>Names a stream of a provider.</summary>
public readonly struct StreamId : IEquatable<StreamId>
{
    private readonly string? _namespace;
    private readonly Guid _key;

    private StreamId(string? ns, Guid key)
    {
        _namespace = ns;
        _key = key;
    }

    public static StreamId Create(string? ns, Guid key) => new(ns, key);

    public bool Equals(StreamId other) => _key == other._key && _namespace == other._namespace;

    public override bool Equals(object? obj) => obj is StreamId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_namespace, _key);

    public static bool operator ==(StreamId s1, StreamId s2) => s1.Equals(s2);

    public static bool operator !=(StreamId s1, StreamId s2) => !s1.Equals(s2);

    public override string ToString() => $"{_namespace}/{_key:N}";
}
