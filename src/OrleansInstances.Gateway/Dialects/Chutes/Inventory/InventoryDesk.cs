using Microsoft.Extensions.Options;
using OrleansInstances.Storage.Chutes;

namespace OrleansInstances.Gateway.Dialects.Chutes.Inventory;

/// <summary>Stores pieces of the inventory, wherever they come from, if all rules hold for them.</summary>
internal sealed class InventoryDesk(IChuteInventory inventory, IOptions<ChutesOptions> options)
{
    /// <summary>All of it or nothing. Answers what is wrong with it; null when it is stored.</summary>
    public async Task<string?> SaveAsync(InventoryBody body, CancellationToken cancellationToken) =>
        InventoryRules.FindFault(body)
        ?? (await inventory.SaveAsync(body.ToInventory(verified: options.Value.SkipGpuVerification), cancellationToken) is { } missing
            ? InventoryRules.Fault(missing)
            : null);
}
