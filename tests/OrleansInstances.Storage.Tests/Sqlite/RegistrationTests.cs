using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Storage.Idempotency;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Nodes;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class RegistrationTests
{
    [Theory]
    [InlineData(typeof(IInstanceCatalog))]
    [InlineData(typeof(IInstanceCatalogWriter))]
    [InlineData(typeof(IInstanceEvents))]
    [InlineData(typeof(IInstanceNumbers))]
    [InlineData(typeof(IUnfinishedInstances))]
    [InlineData(typeof(INodeTable))]
    [InlineData(typeof(IKeyTable))]
    [InlineData(typeof(IIdempotencyTable))]
    public async Task Every_part_comes_from_one_registration(Type part)
    {
        await using var folder = new StorageFolder();
        await using var services = Services(folder.Path);

        Assert.NotNull(services.GetRequiredService(part));
        Assert.True(File.Exists(folder.File));
    }

    [Fact]
    public async Task A_bad_setting_is_named_with_its_value_and_rule()
    {
        await using var services = Services("");

        var error = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IInstanceCatalog>());

        Assert.Contains(nameof(SqliteStorageOptions.DataFolder), error.Message, StringComparison.Ordinal);
    }

    private static ServiceProvider Services(string folder) => new ServiceCollection()
        .AddLogging()
        .AddSqliteStorage(options => options.DataFolder = folder)
        .BuildServiceProvider();
}
