using System.Collections.Concurrent;

namespace OrleansInstances.Storage.Instances;

/// <summary>Ids behind numbers. A number is never given to another instance, so what was found once holds.</summary>
/// <param name="lookUp">Asks the database; null for a number that was never given.</param>
internal sealed class IdsByNumber(Func<int, CancellationToken, Task<Guid?>> lookUp)
{
    // Two or three megabytes; past that the cache starts anew, which costs one look-up for each number.
    private const int MaxCached = 50_000;

    private readonly ConcurrentDictionary<int, Guid> known = new();

    public ValueTask<Guid?> FindAsync(int number, CancellationToken cancellationToken) =>
        known.TryGetValue(number, out var id) ? new(id) : new(LookUpAsync(number, cancellationToken));

    private async Task<Guid?> LookUpAsync(int number, CancellationToken cancellationToken)
    {
        var id = await lookUp(number, cancellationToken);
        if (id is { } found)
        {
            if (known.Count >= MaxCached)
            {
                known.Clear();
            }

            known[number] = found;
        }

        return id;
    }
}
