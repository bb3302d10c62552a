using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>Exponential delay with a cap, and jitter so that many instances that failed together don't start together.</summary>
public static class RestartBackoff
{
    /// <param name="policy">First delay and cap.</param>
    /// <param name="failures">Failures before this one.</param>
    /// <param name="jitter">0 to 1: the delay is shortened by up to a tenth.</param>
    public static TimeSpan Delay(RestartSpec policy, int failures, double jitter)
    {
        var doubled = policy.BackoffSeconds * Math.Pow(2, Math.Min(failures, 32));
        return TimeSpan.FromSeconds(Math.Min(doubled, policy.MaxBackoffSeconds) * (1 - (jitter / 10)));
    }
}
