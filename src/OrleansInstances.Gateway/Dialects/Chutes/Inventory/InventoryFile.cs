using System.Text.Json;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>Stores what the file of OI_CHUTES_INVENTORY says, at each start; what it does not name stays as it is.</summary>
internal sealed class InventoryFile(InventoryDesk desk, IOptions<GatewayOptions> gateway) : IHostedService, IHostRules
{
    private bool _allowsPrivateHosts;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (gateway.Value.ChutesInventory is not { Length: > 0 } path)
        {
            return;
        }

        var body = await ReadAsync(path, cancellationToken);
        if (await desk.SaveAsync(body, cancellationToken) is { } fault)
        {
            throw new InventoryFileException(path, fault);
        }

        _allowsPrivateHosts = body.AllowPrivateHosts;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask<bool> AllowPrivateAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_allowsPrivateHosts);

    private static async Task<InventoryBody> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            using var document = await JsonDocument.ParseAsync(file, InventoryReader.Options, cancellationToken);
            return document.RootElement.ValueKind != JsonValueKind.Object ? throw new InventoryFileException(path, "it must be an object.")
                : InventoryReader.TryRead(document.RootElement, InventoryJson.Wire.InventoryBody, out var body, out var fault) ? body
                : throw new InventoryFileException(path, fault);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InventoryFileException(path, error.Message);
        }
    }
}

/// <summary>The inventory's file can't be taken; the message says why.</summary>
internal sealed class InventoryFileException(string path, string reason) : Exception($"OI_CHUTES_INVENTORY, {path}: {reason}");
