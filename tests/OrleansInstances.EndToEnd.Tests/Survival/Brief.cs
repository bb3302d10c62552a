using System.Globalization;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Survival;

/// <summary>Ends by itself with a code, about when something is killed.</summary>
internal sealed class Brief
{
    private const int Code = 7;

    private readonly RunningSilo _silo;
    private readonly JsonNode _instance;

    private Brief(RunningSilo silo, JsonNode instance)
    {
        _silo = silo;
        _instance = instance;
    }

    public static async Task<Brief> CreateAsync(RunningSilo silo, TimeSpan life)
    {
        var seconds = life.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        return new Brief(silo, await silo.CreateAsync("/bin/sh", "-c", $"{OnlyCopy.NoteStart}sleep {seconds}; exit {Code}"));
    }

    /// <summary>Its end is known, and the code is the right one or, if that may be, none.</summary>
    public async Task AssertCodeAsync(bool mayBeUnknown)
    {
        var ended = await _silo.WaitForStateAsync(_instance, "failed");
        var code = (int?)ended["exit_code"];
        Assert.True(code == Code || (code is null && mayBeUnknown), $"exit code {code}: {ended["message"]}");
        Assert.Equal(1, (int?)ended["epoch"]);
    }
}
