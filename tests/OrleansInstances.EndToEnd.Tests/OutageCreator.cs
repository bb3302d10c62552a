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
        var list = await silo.GetAsync("/api/instances");
        var names = list.AsArray().Select(instance => (string?)instance!["name"]).OfType<string>().ToList();

        Assert.Equal(names.Distinct(), names);
        Assert.Empty(_created.Except(names));
        Assert.Empty(_refused.Intersect(names));
    }

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
