namespace OrleansInstances.Storage.Chutes;

/// <summary>What is kept of launches that are over: of every instance of a chute that there ever was, and of the configs.</summary>
public interface IChuteAudit
{
    /// <summary>Removes so many at most of the instances that ended before; answers how many.</summary>
    Task<int> ForgetInstancesAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>Removes so many at most of the configs that failed, expired, or lost their instance before; answers how many.</summary>
    Task<int> ForgetConfigsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);
}
