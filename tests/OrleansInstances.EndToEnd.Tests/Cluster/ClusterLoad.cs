using OrleansInstances.EndToEnd.Tests.Survival;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Commands and input, all the time, to an instance on every node through one gateway.</summary>
internal sealed class ClusterLoad
{
    /// <summary>So that the machine has time for what is measured beside it.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private readonly List<OutageClient> _clients = [];
    private readonly List<Echo> _echoes = [];
    private readonly List<Task> _running = [];

    private ClusterLoad()
    {
    }

    public static async Task<ClusterLoad> StartAsync(RunningSilo gateway, IEnumerable<RunningSilo> nodes)
    {
        var load = new ClusterLoad();
        load._clients.Add(new OutageCreator(gateway) { Pace = Pace });
        foreach (var node in nodes)
        {
            load._clients.Add(await OutageRestarter.CreateAsync(gateway, node, Pace));
            load._echoes.Add(await Echo.CreateAsync(gateway, neverEof: true, node));
        }

        load._running.AddRange(load._clients.Select(client => Task.Run(() => client.RunAsync(load._end.Token))));
        load._running.AddRange(load._echoes.Select(echo => Task.Run(() => echo.TalkAsync(load._end.Token, Pace))));
        await load.IsHeardAsync();
        return load;
    }

    public int Acknowledged => _clients.Sum(client => client.Acknowledged);

    /// <summary>Waits until each has something acknowledged (again).</summary>
    public async Task IsHeardAsync()
    {
        var before = _clients.Select(client => client.Acknowledged).ToList();
        var heard = Task.WhenAll(
        [
            .. _echoes.Select(echo => echo.IsHeardAsync()),
            Eventually.Holds("every client to have a command acknowledged", () => _clients.Select((client, i) => client.Acknowledged > before[i]).All(heard => heard)),
        ]);

        // What breaks the load says more than that nothing is acknowledged.
        await await Task.WhenAny([heard, .. _running]);
    }

    /// <summary>Ends it: nothing that was acknowledged is lost or was done twice, and what was refused was not done.</summary>
    public async Task AssertNothingLostAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_running);
        _end.Dispose();
        foreach (var client in _clients)
        {
            await client.AssertNothingLostOrDoneTwiceAsync();
        }

        foreach (var echo in _echoes)
        {
            await echo.AssertWholeAsync();
        }
    }
}
