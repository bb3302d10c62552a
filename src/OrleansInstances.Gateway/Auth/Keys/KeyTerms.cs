using System.Collections.Immutable;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Auth.Keys;

/// <summary>What a new key is to be.</summary>
internal sealed record KeyTerms
{
    private const int MaxTextLength = 100;

    public required string? Name { get; init; }

    /// <summary>Scope words.</summary>
    public required ImmutableArray<string?> Scopes { get; init; }

    public string? Owner { get; init; }

    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What is wrong with it, naming the field; null when nothing is.</summary>
    public string? Fault(DateTimeOffset now) => this switch
    {
        { Name: var name } when !IsText(name) => $"name must be 1 to {MaxTextLength} characters without control characters.",
        { Scopes.IsEmpty: true } => $"scopes must be at least one of {ScopeWords.All}.",
        _ when Scopes.Any(IsUnknown) => $"scopes: \"{Scopes.First(IsUnknown)}\" is not one of {ScopeWords.All}.",
        { Owner: { } owner } when !IsText(owner) => $"owner must be 1 to {MaxTextLength} characters without control characters.",
        _ when InstanceSpecRules.LabelFault(Labels) is { } fault => fault,
        { ExpiresAt: { } end } when end <= now => "expires_at must be in the future.",
        _ when (Owner is not null || !Labels.IsEmpty) && Scopes.Any(word => ScopeWords.Of(word!) == Auth.Scopes.Admin) =>
            $"{(Owner is null ? "labels" : "owner")}: an administrator's key can't be limited, for it could make keys that are not.",
        _ => null,
    };

    /// <summary>What is stored of a key on these terms, which must be without a fault.</summary>
    public StoredKey Store(string key, DateTimeOffset now) => new()
    {
        Id = Guid.NewGuid(),
        Name = Name!,
        Hash = ApiKey.Hash(key),
        Scopes = string.Join(' ', Scopes.Distinct()),
        Owner = Owner,
        Labels = Labels,
        CreatedAt = now,
        ExpiresAt = ExpiresAt,
    };

    private static bool IsUnknown(string? word) => word is null || ScopeWords.Of(word) == Auth.Scopes.None;

    private static bool IsText(string? text) => text is { Length: > 0 and <= MaxTextLength } && !text.Any(char.IsControl);
}
