using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Launches;

/// <summary>Whether a chute wants one more instance.</summary>
public static class LaunchCapacity
{
    /// <summary>How many more than its target a chute may have while none of them serves.</summary>
    private const int ColdStartSurplus = 2;

    /// <summary>With this few places left, they are for miners who have none yet.</summary>
    private const int NearlyFull = 1;

    /// <summary>Null when it does.</summary>
    public static LaunchRefusal? Refuse(Chute chute, ChutePopulation population)
    {
        var target = chute.TargetCount ?? population.Total;
        var left = target - population.Total;
        return population switch
        {
            { Active: 0 } when population.Total <= target + ColdStartSurplus => null,
            _ when left <= 0 => Full($"Chute {chute.ChuteId} has reached its target capacity of {target} instances."),
            _ when left <= NearlyFull && population.Mine == population.Total =>
                Full($"Chute {chute.ChuteId} is near capacity with only {left} slots remaining. You already have {population.Mine} instance(s)."),
            _ => null,
        };
    }

    private static LaunchRefusal Full(string message) => new(LaunchRefusalKind.AtCapacity, message);
}
