namespace OrleansInstances.Storage.Instances;

/// <summary>What came of comparing the catalog with some states.</summary>
/// <param name="Lagging">Ids of instances whose row is missing or older than their state.</param>
/// <param name="Next">What to go on after; null when no state is left.</param>
public sealed record CatalogComparison(IReadOnlyList<Guid> Lagging, Guid? Next)
{
    /// <param name="compared">Ids in order, and whether each lags.</param>
    /// <param name="states">How many were asked for.</param>
    internal static CatalogComparison Of(List<(Guid Id, bool Lags)> compared, int states) => new(
        [.. compared.Where(state => state.Lags).Select(state => state.Id)],
        compared.Count < states ? null : compared[^1].Id);
}
