using OrleansInstances.Gateway.Dialects.Chutes.Bodies;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>Brings what miners ask of their instances to their grains.</summary>
internal sealed class MinerDesk(IGrainFactory grains, IChuteInventory inventory, HostPolicy hosts, TimeProvider time)
{
    /// <summary>Makes an instance without a launch config.</summary>
    public async Task<ChuteInstanceReply> CreateAsync(string chuteId, string hotkey, CreateBody body, CancellationToken cancellationToken)
    {
        if (await WouldLookAtHostAsync(chuteId, hotkey, cancellationToken) && await hosts.ResolveAsync(body.Host, cancellationToken) is [])
        {
            return new ChuteInstanceReply(null, false, new LaunchRefusal(LaunchRefusalKind.Invalid, $"Invalid instance host: {body.Host}"));
        }

        var request = new ChuteInstanceRequest(chuteId, hotkey, [.. body.Gpus], body.Host, body.Port);
        return await TellAsync(Guid.NewGuid(), instance => instance.CreateAsync(request), cancellationToken);
    }

    public Task<ChuteInstanceReply> ActivateAsync(Guid instanceId, string chuteId, string hotkey, CancellationToken cancellationToken) =>
        TellAsync(instanceId, instance => instance.ActivateAsync(chuteId, hotkey), cancellationToken);

    public Task<ChuteInstanceReply> DeleteAsync(Guid instanceId, string chuteId, string hotkey, CancellationToken cancellationToken) =>
        TellAsync(instanceId, instance => instance.DeleteAsync(chuteId, hotkey), cancellationToken);

    /// <summary>Its grain refuses what is checked before the host, in that order.</summary>
    private async Task<bool> WouldLookAtHostAsync(string chuteId, string hotkey, CancellationToken cancellationToken) =>
        await inventory.FindMinerAsync(hotkey, cancellationToken) is { BlacklistReason: null }
        && await inventory.FindChuteAsync(chuteId, cancellationToken) is { } chute
        && !ChuteInstanceRules.NeedsLaunchConfig(chute);

    private Task<ChuteInstanceReply> TellAsync(Guid instanceId, Func<IChuteInstanceGrain, Task<ChuteInstanceReply>> request, CancellationToken cancellationToken)
    {
        var instance = grains.GetGrain<IChuteInstanceGrain>(instanceId);
        return SecondTry.UntilTakenAsync(() => request(instance)).WaitAsync(InstanceCalls.AtMost, time, cancellationToken);
    }
}
