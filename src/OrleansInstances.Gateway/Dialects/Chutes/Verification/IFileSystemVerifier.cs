using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Verification;

/// <summary>Knows what the files of an image amount to.</summary>
internal interface IFileSystemVerifier
{
    /// <summary>The hash that a pod of this config must tell; null when it may tell anything.</summary>
    Task<string?> ExpectedHashAsync(LaunchConfigSnapshot config, Chute chute, CancellationToken cancellationToken);
}

/// <summary>Expects nothing, as the reference does where its tools are not set up.</summary>
internal sealed class NoFileSystemVerifier : IFileSystemVerifier
{
    public Task<string?> ExpectedHashAsync(LaunchConfigSnapshot config, Chute chute, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
