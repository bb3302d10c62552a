using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

public sealed class NodeOptionsTests
{
    [Theory]
    [InlineData("data", "node", 1, "OI_DATA is 'data'; it must be an absolute path.")]
    [InlineData("", "node", 1, "OI_DATA is ''; it must be an absolute path.")]
    [InlineData("/data", "", 1, "OI_NODE is ''; it must be 1 to 63 of A-Z a-z 0-9 . _ - and begin with a letter or digit.")]
    [InlineData("/data", "a b", 1, "OI_NODE is 'a b'; it must be 1 to 63 of A-Z a-z 0-9 . _ - and begin with a letter or digit.")]
    [InlineData("/data", "node", 0, "OI_MAX_INSTANCES is 0; it must be from 1 to 100000.")]
    public void A_bad_setting_is_told_with_its_key_value_and_rule(string folder, string name, int max, string message)
    {
        using var services = Services(options => (options.DataFolder, options.NodeName, options.MaxInstances) = (folder, name, max));

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<INodeRuntime>());

        Assert.Equal([message], error.Failures);
    }

    [Fact]
    public async Task Good_settings_give_one_runtime_for_both_its_types()
    {
        await using var services = Services(options => (options.DataFolder, options.NodeName) = ("/data", "node-1.example"));

        Assert.Same(services.GetRequiredService<NodeRuntime>(), services.GetRequiredService<INodeRuntime>());
    }

    private static ServiceProvider Services(Action<NodeOptions> configure) =>
        new ServiceCollection().AddLogging().AddSingleton(new FakeGrains().Factory).AddNodeRuntime(configure).BuildServiceProvider();
}
