using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Creates instances under names of their own.</summary>
internal sealed class OutageCreator(RunningSilo silo) : OutageClient
{
    private readonly List<string> _created = [];
    private readonly List<string> _refused = [];
    private int _next;

    public override async Task AssertNothingLostOrDoneTwiceAsync()
    {
        // A list may lag until the sweeper has been there.
        var names = await Eventually.Get("the list to have all that was created", NamesAsync, listed => !_created.Except(listed).Any());

        Assert.Equal(names.Distinct(), names);
        Assert.Empty(_refused.Intersect(names));
    }

    /// <summary>Others are told by names that are no numbers, if they have any.</summary>
    private async Task<List<string>> NamesAsync() =>
        [.. (await silo.GetAsync("/api/instances")).AsArray().Select(instance => (string?)instance!["name"]).OfType<string>().Where(name => char.IsAsciiDigit(name[0]))];

    protected override async Task SendNextAsync()
    {
        var name = (++_next).ToString(CultureInfo.InvariantCulture);
        using var answer = await silo.Http.PostAsJsonAsync("/api/instances", new JsonObject { ["name"] = name, ["start"] = false });
        switch (await JudgeAsync(answer))
        {
            case true:
                _created.Add(name);
                break;
            case false:
                _refused.Add(name);
                break;
        }
    }
}
