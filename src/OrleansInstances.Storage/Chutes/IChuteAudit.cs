namespace OrleansInstances.Storage.Chutes;

/// <summary>What is kept of every instance of a chute that there ever was.</summary>
public interface IChuteAudit
{
    /// <summary>Removes so many at most of those that ended before; answers how many.</summary>
    Task<int> ForgetAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
