using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Gpus;

/// <summary>Gives GPUs work that only they can do, and sees whether it was done.</summary>
internal interface IGpuChallenger
{
    /// <summary>Makes a challenge whose work reveals a key.</summary>
    /// <param name="gpu">Who can do the work.</param>
    /// <param name="key">32 hexadecimal digits.</param>
    /// <param name="iterations">How much work.</param>
    /// <exception cref="GpuChallengerException">None could be made.</exception>
    Task<GpuChallenge> ChallengeAsync(ChuteGpu gpu, string key, int iterations, CancellationToken cancellationToken);

    /// <summary>Whether a GPU has done the work of a challenge that it or its neighbour was given.</summary>
    /// <param name="gpu">Whose proof it is.</param>
    /// <param name="seed">The challenge's.</param>
    /// <param name="workProduct">What it has made.</param>
    /// <exception cref="GpuChallengerException">That could not be told.</exception>
    Task<bool> CheckProofAsync(ChuteGpu gpu, long seed, string workProduct, CancellationToken cancellationToken);
}

/// <param name="Seed">1 to 2^63 - 1.</param>
/// <param name="Ciphertext">Base64 of an initial vector of 16 bytes and the encrypted key.</param>
internal sealed record GpuChallenge(long Seed, string Ciphertext);

/// <summary>The challenger did not do its part; nothing is known of the GPU.</summary>
internal sealed class GpuChallengerException(string message, Exception? inner = null) : Exception(message, inner);
