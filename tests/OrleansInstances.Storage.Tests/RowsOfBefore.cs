using System.Text.Json;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Tests;

/// <summary>What a database holds that was written before there were columns for deployments, periods and owners of events.</summary>
internal static class RowsOfBefore
{
    public static InstanceSnapshot Instance { get; } = Samples.Snapshot(1) with
    {
        Status = InstanceStatus.Failed,
        Health = InstanceHealth.Unhealthy,
        Message = "ends in \0",
        StartedAt = Samples.Noon.AddTicks(600_0000001),
        EndedAt = Samples.Noon.AddHours(1),
    };

    public static byte[] Json => JsonSerializer.SerializeToUtf8Bytes(Instance, StoredJson.Named);

    /// <summary>The scripts up to those.</summary>
    public static IReadOnlyList<SqlScript> Scripts(string database) =>
        [.. SqlScript.All(database).TakeWhile(script => script.Name != "deployments")];

    /// <summary>The scripts up to the one that makes GPUs say whose they are.</summary>
    public static SqlScript[] ScriptsBeforeMiners(string database) => [.. SqlScript.All(database).TakeWhile(script => script.Name != "gpu_miners")];

    /// <summary>The scripts up to the one that makes launch configs say when they were over.</summary>
    public static SqlScript[] ScriptsBeforeEnds(string database) => [.. SqlScript.All(database).TakeWhile(script => script.Name != "config_ends")];

    public static byte[] Gpu => StoredJson.Write(Contracts.LaunchSamples.Gpu("g1", "alïce"));

    public static async Task CheckAsync(IInstanceCatalog catalog, IInstanceEvents events)
    {
        Assert.Equal(1, await CountAsync(new() { Unhealthy = true, ReplicaIndex = 0 }));
        Assert.Equal(1, await CountAsync(During(60, 3600)));
        Assert.Equal(0, await CountAsync(During(null, 59)));
        Assert.Equal(0, await CountAsync(During(3601, null)));
        Assert.Equal("alice", await events.FindOwnerAsync(Instance.Id, default));
        Assert.Equal(2, (await events.PageAsync(new() { Owner = "alice" }, new(10), default)).Count);

        async Task<int> CountAsync(CatalogQuery query) => (await catalog.PageAsync(query, new(10), default)).Total;
    }

    private static CatalogQuery During(int? from, int? to) => new()
    {
        Period = new(
            from is { } start ? Samples.Noon.AddSeconds(start) : null, to is { } end ? Samples.Noon.AddSeconds(end) : null, Samples.Noon.AddDays(1)),
    };
}
