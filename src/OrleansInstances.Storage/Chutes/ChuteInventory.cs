using System.Collections.Immutable;
using OrleansInstances.Launches;

namespace OrleansInstances.Storage.Chutes;

/// <summary>A piece of the inventory, or all of it.</summary>
public sealed record ChuteInventory
{
    public ImmutableArray<ChuteMiner> Miners { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<Chute> Chutes { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<ChuteGpu> Gpus { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<ChuteJob> Jobs { get => field.IsDefault ? [] : field; init; }

    /// <summary>The GPUs whose miner must be stored already, since it is not in here.</summary>
    internal IReadOnlyList<MissingReference> GpusOfOthers
    {
        get
        {
            var own = Miners.Select(miner => miner.Hotkey).ToHashSet(StringComparer.Ordinal);
            return [.. Gpus.Where(gpu => !own.Contains(gpu.MinerHotkey)).Select(gpu => new MissingReference(ChuteInventoryKind.Gpu, gpu.Uuid, gpu.MinerHotkey))];
        }
    }

    /// <summary>The jobs whose chute must be.</summary>
    internal IReadOnlyList<MissingReference> JobsOfOthers
    {
        get
        {
            var own = Chutes.Select(chute => chute.ChuteId).ToHashSet(StringComparer.Ordinal);
            return [.. Jobs.Where(job => !own.Contains(job.ChuteId)).Select(job => new MissingReference(ChuteInventoryKind.Job, job.JobId, job.ChuteId))];
        }
    }
}
