using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Talks to a program that echoes; needs no database, so an outage is nothing to it.</summary>
internal sealed class OutageTalker : OutageClient
{
    private readonly RunningSilo _silo;
    private readonly JsonNode _instance;
    private int _next;

    private OutageTalker(RunningSilo silo, JsonNode instance)
    {
        _silo = silo;
        _instance = instance;
    }

    public static async Task<OutageTalker> CreateAsync(RunningSilo silo)
    {
        var cat = await silo.CreateAsync("/bin/cat");
        await silo.WaitForStateAsync(cat, "running");
        return new OutageTalker(silo, cat);
    }

    public override async Task AssertNothingLostOrDoneTwiceAsync()
    {
        var expected = string.Concat(Enumerable.Range(1, _next).Select(number => $"{number}\n"));

        await Eventually.Get("every line to be echoed once and in order", () => _silo.OutputOfAsync(_instance), output => output == expected);
        Assert.Equal(0, Refused);
    }

    protected override async Task SendNextAsync()
    {
        var line = (_next + 1).ToString(CultureInfo.InvariantCulture);
        using var answer = await _silo.Http.PostAsync($"/api/instances/{_instance["uuid"]}/input", new StringContent($"{line}\n"));
        if (await JudgeAsync(answer) == true)
        {
            _next++;
        }

        // As fast as somebody types, so that the load is the others'.
        await Task.Delay(TimeSpan.FromMilliseconds(5));
    }
}
