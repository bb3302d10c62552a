using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Survival;

/// <summary>Echoes numbered lines that it is sent all the time, also while silo and keeper die.</summary>
internal sealed class Echo
{
    private readonly RunningSilo _silo;
    private readonly JsonNode _instance;
    private readonly OnlyCopy _copy;

    /// <summary>Each line sent, in order, and whether it was acknowledged; the others may have arrived.</summary>
    private readonly List<bool> _acknowledged = [];
    private int _heard;

    private Echo(RunningSilo silo, RunningSilo node, JsonNode instance)
    {
        _silo = silo;
        _instance = instance;
        _copy = new OnlyCopy(silo, node, instance);
    }

    /// <param name="silo">Whom it talks through.</param>
    /// <param name="neverEof">Whether its input outlives silo and keeper.</param>
    /// <param name="node">Where it runs; without it on the only node.</param>
    public static async Task<Echo> CreateAsync(RunningSilo silo, bool neverEof, RunningSilo? node = null)
    {
        var instance = await silo.CreateAsync(new
        {
            command = new[] { "/bin/sh", "-c", OnlyCopy.NoteStart + "exec cat" },
            stdin = neverEof ? "never-eof" : "closable",
            node = node?.Settings["OI_NODE"],
        });
        await silo.WaitForStateAsync(instance, "running");
        return new Echo(silo, node ?? silo, instance);
    }

    public async Task TalkAsync(CancellationToken end, TimeSpan pace = default)
    {
        while (!end.IsCancellationRequested)
        {
            var line = (_acknowledged.Count + 1).ToString(CultureInfo.InvariantCulture);
            _acknowledged.Add(await TrySendAsync(line + "\n"));
            _heard += _acknowledged[^1] ? 1 : 0;
            await Task.Delay(pace, CancellationToken.None);
        }
    }

    /// <summary>Waits until it is acknowledged lines (again).</summary>
    public Task IsHeardAsync()
    {
        var before = _heard;
        return Eventually.Holds("lines to be acknowledged", () => _heard > before + 5);
    }

    /// <summary>Every acknowledged line came back, none came twice, all in order.</summary>
    public async Task AssertWholeAsync()
    {
        await _copy.AssertRunsAsync();
        var last = _acknowledged.LastIndexOf(true) + 1;
        var echoed = await Eventually.Get("the last line", ReadAsync, lines => lines.Count > 0 && lines[^1] >= last);
        Assert.Equal(echoed.Order().Distinct(), echoed);
        Assert.InRange(echoed[^1], last, _acknowledged.Count);
        Assert.Equal(
            _acknowledged.Index().Where(line => line.Item).Select(line => line.Index + 1),
            echoed.Where(number => _acknowledged[number - 1]));
    }

    public async Task DeleteAsync()
    {
        using var answer = await _silo.Http.DeleteAsync($"/api/instances/{_copy.Id}");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private async Task<List<int>> ReadAsync()
    {
        var text = Encoding.ASCII.GetString(await _copy.ReadAsync(0));
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    private async Task<bool> TrySendAsync(string line)
    {
        try
        {
            using var answer = await _silo.Http.PostAsync($"/api/instances/{(string)_instance["uuid"]!}/input", new StringContent(line));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // The silo is dead or dying: it may have been taken, or not.
            await Task.Delay(TimeSpan.FromMilliseconds(20));
            return false;
        }
    }
}
