namespace OrleansInstances.Storage.Instances;

/// <summary>Which part of an ordered list.</summary>
/// <param name="Limit">At most this many.</param>
/// <param name="Offset">How many to leave out before.</param>
/// <param name="Descending">The order; what is equal in it is ordered the same way.</param>
public sealed record PageRequest(int Limit, int Offset = 0, bool Descending = false)
{
    /// <summary>The word for an ORDER BY.</summary>
    internal string Direction => Descending ? "DESC" : "ASC";
}
