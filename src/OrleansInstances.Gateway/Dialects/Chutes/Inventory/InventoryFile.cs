using System.Text.Json;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>Stores what the file of OI_CHUTES_INVENTORY says, at each start; what it does not name stays as it is.</summary>
internal sealed class InventoryFile(IChuteInventory inventory, IOptions<GatewayOptions> gateway, IOptions<ChutesOptions> chutes) : IHostedService, IHostRules
{
    private bool _allowsPrivateHosts;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (gateway.Value.ChutesInventory is not { Length: > 0 } path)
        {
            return;
        }

        var body = await ReadAsync(path, cancellationToken);
        _allowsPrivateHosts = body.AllowPrivateHosts;
        await inventory.SaveAsync(
            new ChuteInventory
            {
                Miners = [.. body.Miners.Select(miner => miner.ToMiner())],
                Chutes = [.. body.Chutes.Select(chute => chute.ToChute())],
                Gpus = [.. body.Gpus.Select(gpu => gpu.ToGpu(verified: chutes.Value.SkipGpuVerification))],
                Jobs = [.. body.Jobs.Select(job => job.ToJob())],
            },
            cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask<bool> AllowPrivateAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_allowsPrivateHosts);

    private static async Task<InventoryBody> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            var body = await JsonSerializer.DeserializeAsync(file, InventoryJson.Default.InventoryBody, cancellationToken);
            return body is null ? throw new InventoryFileException($"OI_CHUTES_INVENTORY, {path}: it must be an object.")
                : InventoryRules.FindFault(body) is { } fault ? throw new InventoryFileException($"OI_CHUTES_INVENTORY, {path}: {fault}")
                : body;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InventoryFileException($"OI_CHUTES_INVENTORY, {path}: {error.Message}");
        }
    }
}

/// <summary>The inventory's file can't be taken; the message says why.</summary>
internal sealed class InventoryFileException(string message) : Exception(message);
