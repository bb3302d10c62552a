using System.Text.Json.Nodes;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>
/// Silos as processes of their own on one PostgreSQL server, each with a node. Leases and probes are short unless
/// <c>OI_TEST_CLUSTER_SETTINGS</c> is production.
/// </summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    public static readonly bool IsAsInProduction = Environment.GetEnvironmentVariable("OI_TEST_CLUSTER_SETTINGS") == "production";
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(IsAsInProduction ? 30 : 4);
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(IsAsInProduction ? 5 : 1);

    /// <summary>Of a node's last sign of life: its being noticed, within a third of a lease, and the wait.</summary>
    public static readonly TimeSpan LongestFence = (Lease * (7.0 / 3)) + Margin;

    /// <summary>Of all nodes but the first.</summary>
    public static readonly Dictionary<string, string> LabelOfOthers = new() { ["first"] = "no" };

    private RunningCluster(IReadOnlyList<RunningSilo> silos) => Silos = silos;

    public IReadOnlyList<RunningSilo> Silos { get; }

    /// <param name="silos">How many.</param>
    /// <param name="server">Whose database they share; without it the server of all tests.</param>
    /// <param name="losesNodes">Whether a node is to be lost soon. One that is not keeps its lease, however slow the machine.</param>
    public static async Task<RunningCluster> StartAsync(int silos, PostgresServer? server = null, bool losesNodes = true)
    {
        var database = await (server ?? await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var cluster = new RunningCluster([.. Enumerable.Range(1, silos).Select(number => new RunningSilo())]);
        try
        {
            await Task.WhenAll(cluster.Silos.Select((silo, i) =>
            {
                silo.Settings["OI_NODE_LABELS"] = i == 0 ? "" : string.Join(',', LabelOfOthers.Select(label => $"{label.Key}={label.Value}"));
                return Configure(silo, $"node-{i + 1}", database, losesNodes).StartAsync();
            }));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The name of a silo's node.</summary>
    public static string NodeOf(RunningSilo silo) => silo.Settings["OI_NODE"];

    /// <summary>Makes a silo one of a cluster.</summary>
    public static RunningSilo Configure(RunningSilo silo, string node, string database, bool losesNodes = true)
    {
        silo.Settings[RunningSilo.Database] = database;
        silo.Settings["OI_NODE"] = node;
        if (losesNodes && !IsAsInProduction)
        {
            silo.Settings["OI_LEASE_SECONDS"] = $"{Lease.TotalSeconds}";
            silo.Settings["OI_FENCE_MARGIN_SECONDS"] = $"{Margin.TotalSeconds}";
            silo.Settings["OI_PROBE_SECONDS"] = "0.5";
            silo.Settings["OI_MISSED_PROBES"] = "2";
        }

        return silo;
    }

    /// <summary>Instances as one gateway lists them, when all of them are as they should.</summary>
    public static Task<IReadOnlyList<JsonNode>> AllAsync(RunningSilo gateway, IReadOnlyCollection<string> ids, string what, Predicate<JsonNode> holds) => Eventually.Get<IReadOnlyList<JsonNode>>(
        what,
        async () => [.. (await ListAsync(gateway)).Where(instance => ids.Contains((string)instance["uuid"]!))],
        seen => seen.Count == ids.Count && seen.All(instance => holds(instance)),
        seconds: LongestFence.TotalSeconds + 60);

    /// <summary>Removes all instances, and lets every node take new ones.</summary>
    public async Task CleanAsync()
    {
        foreach (var silo in Silos)
        {
            using var uncordoned = await Silos[0].Http.PostAsync($"/api/nodes/{NodeOf(silo)}/uncordon", null);
        }

        await Eventually.Get("all instances to be gone", RemoveAsync, left => left == 0);

        // A deletion may have to be asked for again, as long as the grain's way leads to a silo that has ended.
        async Task<int> RemoveAsync()
        {
            using var list = await Silos[0].Http.GetAsync("/api/instances");
            list.EnsureSuccessStatusCode();
            var instances = JsonNode.Parse(await list.Content.ReadAsStringAsync())!.AsArray();
            foreach (var instance in instances)
            {
                using var deleted = await Silos[0].Http.DeleteAsync($"/api/instances/{instance!["uuid"]}");
            }

            return instances.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in Silos)
        {
            await silo.DisposeAsync();
        }
    }

    private static async Task<IEnumerable<JsonNode>> ListAsync(RunningSilo gateway)
    {
        using var answer = await gateway.Http.GetAsync("/api/instances");
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray().Select(instance => instance!) : [];
    }
}
