namespace OrleansInstances.Storage.Idempotency;

/// <summary>An answer to be given again.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="ContentType">The header; null for none.</param>
/// <param name="Location">The header; null for none.</param>
/// <param name="Body">At most <see cref="MaxBodyBytes"/>.</param>
public sealed record StoredAnswer(int Status, string? ContentType, string? Location, ReadOnlyMemory<byte> Body)
{
    public const int MaxBodyBytes = 1024 * 1024;
}
