using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;

namespace OrleansInstances.Grains.Tests.Launches;

public sealed class LaunchCapacityTests
{
    [Theory]
    // While none serves: up to two more than wanted.
    [InlineData(1, 0, 0, 0, null)]
    [InlineData(1, 3, 0, 3, null)]
    [InlineData(1, 4, 0, 4, "Chute c1 has reached its target capacity of 1 instances.")]
    [InlineData(0, 2, 0, 2, null)]
    [InlineData(0, 3, 0, 3, "Chute c1 has reached its target capacity of 0 instances.")]
    // Then no more than wanted.
    [InlineData(5, 5, 1, 0, "Chute c1 has reached its target capacity of 5 instances.")]
    [InlineData(5, 6, 1, 0, "Chute c1 has reached its target capacity of 5 instances.")]
    [InlineData(5, 3, 1, 3, null)]
    // The last place is for somebody who has none.
    [InlineData(5, 4, 1, 4, "Chute c1 is near capacity with only 1 slots remaining. You already have 4 instance(s).")]
    [InlineData(5, 4, 1, 3, null)]
    [InlineData(2, 1, 1, 1, "Chute c1 is near capacity with only 1 slots remaining. You already have 1 instance(s).")]
    // Without a target there is no growth once one serves.
    [InlineData(null, 0, 0, 0, null)]
    [InlineData(null, 2, 0, 2, null)]
    [InlineData(null, 2, 1, 0, "Chute c1 has reached its target capacity of 2 instances.")]
    public void A_chute_wants_so_many(int? target, int total, int active, int mine, string? refusal)
    {
        var answer = LaunchCapacity.Refuse(Told.Chute with { TargetCount = target }, new ChutePopulation(total, active, mine));

        Assert.Equal(refusal, answer?.Message);
        Assert.True(answer is null or { Kind: LaunchRefusalKind.AtCapacity, Final: false });
    }

    [Theory]
    [InlineData("a6000", 40, "", "", true)]
    [InlineData("a6000", 48, "", "", true)]
    [InlineData("a6000", 49, "", "", false)]
    [InlineData("a6000", 40, "a6000", "", true)]
    [InlineData("a6000", 40, "h100", "", false)]
    [InlineData("a6000", 40, "", "a6000", false)]
    [InlineData("abacus", 16, "", "", false)]
    public void A_kind_of_gpu_fits_a_selector(string gpu, int vram, string include, string exclude, bool fits)
    {
        var selector = new NodeSelector(1, vram) { Include = include == "" ? [] : [include], Exclude = exclude == "" ? [] : [exclude] };

        Assert.Equal(fits, GpuTable.Fits(selector, gpu));
    }

    [Fact]
    public void The_table_has_every_kind_and_its_deadline()
    {
        Assert.Equal(26, GpuTable.Kinds.Count);
        Assert.Equal(TimeSpan.FromSeconds(150.5), GpuTable.Kinds["3090"].Deadline);
        Assert.All(GpuTable.Kinds.Values, kind => Assert.InRange(kind.VramGb, 16, 192));
    }

    [Theory]
    [InlineData("0.3.0", true)]
    [InlineData("0.3.0rc1", true)]
    [InlineData("0.3.33", true)]
    [InlineData("1.0", true)]
    [InlineData("0.2.99", false)]
    [InlineData("0.2", false)]
    [InlineData("what", false)]
    [InlineData(null, false)]
    public void From_a_version_on_launch_configs_are_needed(string? version, bool needed) =>
        Assert.Equal(needed, ChuteInstanceRules.NeedsLaunchConfig(Told.Chute with { ChutesVersion = version }));
}
