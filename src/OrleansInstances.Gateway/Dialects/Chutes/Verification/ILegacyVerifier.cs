using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Verification;

/// <summary>Verifies an instance that was made without a launch config, by talking to its pod.</summary>
internal interface ILegacyVerifier
{
    /// <summary>Null when it is what it says it is, else why not.</summary>
    Task<string?> VerifyAsync(ChuteInstanceSnapshot instance, CancellationToken cancellationToken);
}

/// <summary>For development, beside the software challenger: believes everything.</summary>
internal sealed class NoLegacyVerifier : ILegacyVerifier
{
    public Task<string?> VerifyAsync(ChuteInstanceSnapshot instance, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}

/// <summary>The pod's own protocol of key exchange and device challenges is GraVal's, and not public.</summary>
internal sealed class RefusingLegacyVerifier : ILegacyVerifier
{
    public Task<string?> VerifyAsync(ChuteInstanceSnapshot instance, CancellationToken cancellationToken) =>
        Task.FromResult<string?>("This gateway can't verify instances of before launch configs.");
}
