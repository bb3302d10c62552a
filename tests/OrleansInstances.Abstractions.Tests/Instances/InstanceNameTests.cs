using OrleansInstances.Instances;

namespace OrleansInstances.Abstractions.Tests.Instances;

public sealed class InstanceNameTests
{
    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000", "inst_0000000000000000000000")]
    [InlineData("00000000-0000-0000-0000-00000000003e", "inst_0000000000000000000010")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", "inst_7n42DGM5Tflk9n8mt7Fhc7")]
    public void An_id_has_one_short_form_and_it_reads_back(string id, string name)
    {
        Assert.Equal(name, InstanceName.Format(new Guid(id)));

        Assert.True(InstanceName.TryParse(name, out var parsed));
        Assert.Equal(new Guid(id), parsed);
    }

    [Fact]
    public void Any_id_reads_back()
    {
        for (var i = 0; i < 1000; i++)
        {
            var id = Guid.NewGuid();
            Assert.True(InstanceName.TryParse(InstanceName.Format(id), out var parsed));
            Assert.Equal(id, parsed);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("inst_")]
    [InlineData("INST_0000000000000000000000")]
    [InlineData("inst_000000000000000000000")]
    [InlineData("inst_00000000000000000000000")]
    [InlineData("inst_000000000000000000000-")]
    [InlineData("inst_7n42DGM5Tflk9n8mt7Fhc8")]
    [InlineData("inst_zzzzzzzzzzzzzzzzzzzzzz")]
    public void What_Format_does_not_write_is_no_name(string? text) => Assert.False(InstanceName.TryParse(text, out _));
}
