using System.Text.Json.Nodes;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>All silos of a cluster die at once and come back elsewhere, as pods do that are given new addresses.</summary>
[Collection(SharedCluster.Name)]
public sealed class RelocationTests(SharedCluster shared) : OnSharedCluster(shared)
{
    [NeedsClusterFact]
    public async Task None_waits_for_those_that_were_there_before_and_all_instances_are_found()
    {
        var ids = new List<string>();
        foreach (var silo in Cluster.Silos)
        {
            ids.Add((string)(await silo.CreateAsync(new { command = new[] { "/bin/cat" }, node = RunningCluster.NodeOf(silo) }))["uuid"]!);
        }

        await RunningCluster.AllAsync(Cluster.Silos[0], ids, "all to run", IsFirstRun);
        var pids = ids.ToDictionary(id => id, id => Assert.Single(ProcessTable.OfInstance(id)));

        await Task.WhenAll(Cluster.Silos.Select(silo => silo.KillAsync()));
        foreach (var silo in Cluster.Silos)
        {
            silo.Settings["OI_SILO_PORT"] = $"{FreePort.Find()}";
            silo.Settings["OI_GATEWAY_PORT"] = $"{FreePort.Find()}";
        }

        await Task.WhenAll(Cluster.Silos.Select(silo => silo.StartAsync()));

        await RunningCluster.AllAsync(Cluster.Silos[0], ids, "all to run again", IsFirstRun);
        Assert.All(ids, id => Assert.Equal(pids[id], Assert.Single(ProcessTable.OfInstance(id))));
    }

    private static bool IsFirstRun(JsonNode instance) => ((string?)instance["state"], (int?)instance["epoch"]) == ("running", 1);
}
