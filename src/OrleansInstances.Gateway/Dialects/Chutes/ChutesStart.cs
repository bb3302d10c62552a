using Microsoft.Extensions.Options;
using OrleansInstances.Hotkeys;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>Says at start what an operator must know of this dialect.</summary>
internal sealed partial class ChutesStart(SodiumState sodium, IOptions<ChutesOptions> options, ILogger<ChutesStart> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!sodium.IsAvailable)
        {
            LogNoSodium(SodiumLibrary.HowToInstall);
        }

        if (options.Value.SkipGpuVerification)
        {
            LogNoGpus();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Whether signatures can be checked here.</summary>
internal sealed record SodiumState(bool IsAvailable);
