using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Starts and stops an instance whose program notes each of its starts.</summary>
internal sealed class OutageRestarter : OutageClient
{
    private readonly RunningSilo _silo;
    private readonly RunningSilo _node;
    private readonly JsonNode _instance;
    private readonly List<long> _acknowledgedEpochs = [];
    private int _unknownStarts;
    private bool _start = true;

    private OutageRestarter(RunningSilo silo, RunningSilo node, JsonNode instance)
    {
        _silo = silo;
        _node = node;
        _instance = instance;
    }

    /// <param name="silo">Whom it asks.</param>
    /// <param name="node">Where the instance runs; without it on the only node.</param>
    /// <param name="pace">What it waits after each command.</param>
    public static async Task<OutageRestarter> CreateAsync(RunningSilo silo, RunningSilo? node = null, TimeSpan pace = default)
    {
        var command = new[] { "/bin/sh", "-c", "echo $OI_EPOCH >>starts; exec cat" };
        var instance = await silo.CreateAsync(new { command, start = false, node = node?.Settings["OI_NODE"] });
        return new OutageRestarter(silo, node ?? silo, instance) { Pace = pace };
    }

    public override async Task AssertNothingLostOrDoneTwiceAsync()
    {
        var started = await StartedEpochsAsync();

        Assert.Equal(started.Order().Distinct(), started);
        Assert.Empty(_acknowledgedEpochs.Except(started));
        Assert.True(
            started.Count <= _acknowledgedEpochs.Count + _unknownStarts,
            $"{started.Count} starts for {_acknowledgedEpochs.Count} acknowledged and {_unknownStarts} unknown ones: one that was refused was done.");

        var logged = await Eventually.Get("an event for each start", LoggedEpochsAsync, epochs => !started.Except(epochs).Any());
        Assert.Equal(logged.Distinct(), logged);
    }

    protected override async Task SendNextAsync()
    {
        using var answer = await _silo.PostAsync(_instance, _start ? "start" : "stop");
        if (answer.StatusCode == HttpStatusCode.Conflict)
        {
            // What was unknown has been done, or is being done.
            _start = (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"] is "not_running" or "stopping";
            return;
        }

        var done = await JudgeAsync(answer);
        if (_start)
        {
            _unknownStarts += done is null ? 1 : 0;
            if (done == true)
            {
                var epoch = (long)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["epoch"]!;
                _acknowledgedEpochs.Add(epoch);

                // A stop that came at once could end the program before its first words.
                await Eventually.Get($"the program of epoch {epoch} to run", StartedEpochsAsync, started => started.Contains(epoch));
                _start = false;
            }
        }
        else if (done == true)
        {
            Assert.Empty(ProcessTable.OfInstance(Id));
            _start = true;
        }
    }

    private async Task<List<long>> LoggedEpochsAsync() =>
        [.. (await _silo.GetAsync($"/api/instances/{Id}/events?type=starting")).AsArray().Select(happened => (long)happened!["epoch"]!)];

    private async Task<List<long>> StartedEpochsAsync()
    {
        var file = Path.Combine(_node.FilesOf(_instance), "starts");
        return File.Exists(file)
            ? [.. (await File.ReadAllLinesAsync(file)).Select(line => long.Parse(line, CultureInfo.InvariantCulture))]
            : [];
    }

    private string Id => (string)_instance["uuid"]!;
}
