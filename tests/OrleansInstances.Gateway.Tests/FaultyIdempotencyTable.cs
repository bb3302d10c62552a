using Microsoft.Extensions.DependencyInjection;
using OrleansInstances.Storage.Idempotency;

namespace OrleansInstances.Gateway.Tests;

/// <summary>The real table, behind what a test makes of it.</summary>
internal sealed class FaultyIdempotencyTable : IIdempotencyTable
{
    private IIdempotencyTable _table = null!;

    /// <summary>Throw to make a reservation fail.</summary>
    public Action BeforeReserve { get; set; } = () => { };

    public Action BeforeFinish { get; set; } = () => { };

    /// <summary>Puts it in front of the table that is registered.</summary>
    public static FaultyIdempotencyTable Wrap(IServiceCollection services)
    {
        var faulty = new FaultyIdempotencyTable();
        var real = services.Last(service => service.ServiceType == typeof(IIdempotencyTable)).ImplementationType!;
        services.AddSingleton<IIdempotencyTable>(provider =>
        {
            faulty._table = (IIdempotencyTable)ActivatorUtilities.CreateInstance(provider, real);
            return faulty;
        });
        return faulty;
    }

    public Task<Reservation> ReserveAsync(IdempotentRequest request, ReadOnlyMemory<byte> bodyHash, CancellationToken cancellationToken)
    {
        BeforeReserve();
        return _table.ReserveAsync(request, bodyHash, cancellationToken);
    }

    public Task<bool> FinishAsync(IdempotentRequest request, Guid reservation, StoredAnswer answer, CancellationToken cancellationToken)
    {
        BeforeFinish();
        return _table.FinishAsync(request, reservation, answer, cancellationToken);
    }

    public Task<bool> ReleaseAsync(IdempotentRequest request, Guid reservation, CancellationToken cancellationToken) =>
        _table.ReleaseAsync(request, reservation, cancellationToken);

    public Task<int> PruneAsync(int limit, CancellationToken cancellationToken) => _table.PruneAsync(limit, cancellationToken);
}
