using System.Collections.Immutable;

namespace OrleansInstances.Storage.Keys;

/// <summary>What is kept of an API key. Times have millisecond precision.</summary>
public sealed record StoredKey
{
    public required Guid Id { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the key's text, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> Hash { get; init; }

    /// <summary>Scope words, separated by blanks.</summary>
    public required string Scopes { get; init; }

    /// <summary>Whose instances it may touch; null is everyone's.</summary>
    public string? Owner { get; init; }

    /// <summary>It may touch only instances that have all of these labels.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The user who logged in with it; null for a key that stands for itself.</summary>
    public int? UserId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it stops being good; null is never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public bool Revoked { get; init; }

    public bool IsGoodAt(DateTimeOffset now) => !Revoked && !(ExpiresAt <= now);
}
