using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Storage.Keys;

namespace OrleansInstances.Gateway.Auth.Keys;

/// <summary>Makes, lists and revokes API keys: what else lies in the table of keys (the ksm password, users' sessions) is none.</summary>
internal sealed class KeyDesk(IKeyTable table, KeyRing ring, TimeProvider time, IOptions<GatewayOptions> options) : IDisposable
{
    private static readonly ApiError NoSuchKey = new(StatusCodes.Status404NotFound, "not_found", "There is no such key.");
    private static readonly ApiError LastOne = new(
        StatusCodes.Status409Conflict, "last_admin_key", "This is the last administrator's key: make another one first, or set OI_API_KEY.");

    /// <summary>Two revocations at once must not each take the other's key for the one that stays.</summary>
    private readonly SemaphoreSlim _revoking = new(1);

    /// <summary>Whether a key opens everything, for good or until its end.</summary>
    public static bool IsAdministrators(StoredKey key, DateTimeOffset now) =>
        key is { UserId: null, Owner: null, Labels.IsEmpty: true } && key.IsGoodAt(now) && ScopeWords.Parse(key.Scopes).HasFlag(Scopes.Admin);

    /// <summary>Expired ones too, oldest first.</summary>
    public async Task<IEnumerable<StoredKey>> ListAsync(CancellationToken cancellationToken) =>
        (await table.ListAsync(cancellationToken)).Where(IsListed);

    /// <summary>Makes a key on terms that have no fault. Its text is nowhere else.</summary>
    public async Task<(string Key, StoredKey Stored)> AddAsync(KeyTerms terms, CancellationToken cancellationToken)
    {
        var key = ApiKey.Create();
        var stored = terms.Store(key, time.GetUtcNow());
        await table.InsertAsync(stored, cancellationToken);
        return (key, stored);
    }

    /// <summary>Null when it is done.</summary>
    public async Task<ApiError?> RevokeAsync(Guid id, CancellationToken cancellationToken)
    {
        await _revoking.WaitAsync(cancellationToken);
        try
        {
            var keys = (await ListAsync(cancellationToken)).ToList();
            if (keys.Find(key => key.Id == id) is not { } key)
            {
                return NoSuchKey;
            }

            var now = time.GetUtcNow();
            if (options.Value.ApiKey is null && IsAdministrators(key, now) && keys.Count(other => IsAdministrators(other, now)) == 1)
            {
                return LastOne;
            }

            await table.RevokeAsync(id, cancellationToken);
            return null;
        }
        finally
        {
            // Also when whether it was done is unknown.
            ring.Forget();
            _revoking.Release();
        }
    }

    public void Dispose() => _revoking.Dispose();

    private static bool IsListed(StoredKey key) => key is { Revoked: false, UserId: null } && ScopeWords.Parse(key.Scopes) != Scopes.None;
}
