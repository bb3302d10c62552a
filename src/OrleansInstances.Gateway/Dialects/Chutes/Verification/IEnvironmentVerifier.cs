using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Verification;

/// <summary>Looks at what a pod says of its environment: that its command, code and cluster are what they must be.</summary>
internal interface IEnvironmentVerifier
{
    /// <summary>Null when it is all right, else why the claim fails for good.</summary>
    /// <param name="config">Whose key the dumps are encrypted with.</param>
    /// <param name="chute">What should run.</param>
    /// <param name="environment">The encrypted dump.</param>
    /// <param name="code">The encrypted program.</param>
    Task<LaunchFailure?> VerifyAsync(LaunchConfigSnapshot config, Chute chute, string environment, string code, CancellationToken cancellationToken);
}

/// <summary>Believes everything, as the reference does where its tools are not set up.</summary>
internal sealed class NoEnvironmentVerifier : IEnvironmentVerifier
{
    public Task<LaunchFailure?> VerifyAsync(LaunchConfigSnapshot config, Chute chute, string environment, string code, CancellationToken cancellationToken) =>
        Task.FromResult<LaunchFailure?>(null);
}
