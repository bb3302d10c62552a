using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Gpus;

/// <summary>
/// For development on machines without GPUs: challenges that anything can answer that knows the rules, which are in
/// docs/chutes.md. It proves nothing about GPUs.
/// </summary>
internal sealed class SoftwareGpuChallenger : IGpuChallenger
{
    private const int KeyBytes = 16;

    /// <summary>The seed's last digits in base 8 are the iterations, so that a proof can be checked by the seed alone.</summary>
    private const int MaxIterations = 8;

    public Task<GpuChallenge> ChallengeAsync(ChuteGpu gpu, string key, int iterations, CancellationToken cancellationToken)
    {
        var seed = (Random.Shared.NextInt64(1, long.MaxValue / MaxIterations) * MaxIterations) + iterations;
        var gpuKey = SHA256.HashData(Encoding.UTF8.GetBytes($"{Digits(seed)}:{gpu.Uuid}"))[..KeyBytes];
        return Task.FromResult(new GpuChallenge(seed, AesText.Encrypt(gpuKey, key)));
    }

    public Task<bool> CheckProofAsync(ChuteGpu gpu, long seed, string workProduct, CancellationToken cancellationToken)
    {
        var work = HMACSHA256.HashData(Encoding.ASCII.GetBytes(Digits(seed)), Encoding.UTF8.GetBytes($"{gpu.Uuid}:{Digits(seed % MaxIterations)}"));
        return Task.FromResult(Convert.ToHexStringLower(work) == workProduct);
    }

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
