using System.Threading.RateLimiting;

namespace OrleansInstances.Gateway.Auth;

/// <summary>
/// Hashes passwords a few at a time and on threads of their own: a rush of logins makes logins slow, and nothing else.
/// </summary>
internal sealed class PasswordHasher : IDisposable
{
    public const int AtATime = 2;

    /// <summary>Who waits longer than this many others would give up before his turn.</summary>
    public const int MaxWaiting = 32;

    private readonly ConcurrencyLimiter _turns = new(new()
    {
        PermitLimit = AtATime,
        QueueLimit = MaxWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <inheritdoc cref="PasswordHash.Create"/>
    /// <exception cref="PasswordsOverloadedException">Too many wait already.</exception>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => PasswordHash.Create(password), cancellationToken);

    /// <inheritdoc cref="PasswordHash.Matches"/>
    /// <exception cref="PasswordsOverloadedException">Too many wait already.</exception>
    public Task<bool> MatchesAsync(string password, string stored, CancellationToken cancellationToken) =>
        RunAsync(() => PasswordHash.Matches(password, stored), cancellationToken);

    public void Dispose() => _turns.Dispose();

    /// <summary>The turn is the work's, not its caller's: one who goes away makes no room for a third.</summary>
    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        using var turn = await _turns.AcquireAsync(1, cancellationToken);
        if (!turn.IsAcquired)
        {
            throw new PasswordsOverloadedException();
        }

        return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}

/// <summary>More passwords wait to be checked than the bound; nothing was done.</summary>
internal sealed class PasswordsOverloadedException() : Exception("Too many passwords wait to be checked.");
