using Microsoft.Extensions.Options;
using OrleansInstances.Hotkeys;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>Says at start what an operator must know of this dialect.</summary>
internal sealed partial class ChutesStart(SodiumState sodium, IChuteInventory inventory, IOptions<ChutesOptions> options, ILogger<ChutesStart> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!sodium.IsAvailable)
        {
            LogNoSodium(SodiumLibrary.HowToInstall);
        }

        if (options.Value.SkipGpuVerification)
        {
            LogNoGpus();
        }

        // Who has no miners gives nobody a token.
        if (options.Value.LaunchConfigKey == ChutesOptions.KnownLaunchConfigKey && await inventory.ListMinersAsync(after: null, 1, cancellationToken) is not [])
        {
            LogKnownKey();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Whether signatures can be checked here.</summary>
internal sealed record SodiumState(bool IsAvailable);
