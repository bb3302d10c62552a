using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Gpus;

/// <summary>Nobody was named who could challenge GPUs.</summary>
internal sealed class NoGpuChallenger : IGpuChallenger
{
    private const string Text = "No GPU can be challenged: set OPENCL_GRAVAL_URL, or SKIP_GPU_VERIFICATION=true for development.";

    public Task<GpuChallenge> ChallengeAsync(ChuteGpu gpu, string key, int iterations, CancellationToken cancellationToken) =>
        throw new GpuChallengerException(Text);

    public Task<bool> CheckProofAsync(ChuteGpu gpu, long seed, string workProduct, CancellationToken cancellationToken) =>
        throw new GpuChallengerException(Text);
}
