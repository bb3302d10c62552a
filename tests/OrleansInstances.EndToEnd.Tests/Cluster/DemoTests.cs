using Xunit.Abstractions;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary><c>./dev demo</c>, with fewer instances.</summary>
[Collection(ClusterScript.Collection)]
public sealed class DemoTests(ITestOutputHelper output)
{
    [Fact]
    public async Task It_counts_no_second_copy_and_no_lost_byte()
    {
        using var demo = ClusterScript.Start("demo.sh", "6");
        var (code, printed, errors) = await demo.EndAsync();

        output.WriteLine(printed);
        Assert.True(code == 0, $"It ended with {code}: {errors}");
        Assert.Contains("0 second copies, 0 bytes lost", printed, StringComparison.Ordinal);
    }
}
