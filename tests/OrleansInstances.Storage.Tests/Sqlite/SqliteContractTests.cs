using OrleansInstances.Storage.Tests.Contracts;

namespace OrleansInstances.Storage.Tests.Sqlite;

public sealed class SqliteCatalogedStateTests : CatalogedStateTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteGrainStorageTests : GrainStorageTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteIdempotencyTableTests : IdempotencyTableTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteInstanceCatalogTests : InstanceCatalogTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteInstanceEventsTests : InstanceEventsTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteEventPageTests : EventPageTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteInstanceNumbersTests : InstanceNumbersTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteKeyTableTests : KeyTableTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteNodeTableTests : NodeTableTests
{
    protected override string Bytes(string text) => $"CAST('{text}' AS BLOB)";

    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteUnfinishedInstancesTests : UnfinishedInstancesTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteUserTableTests : UserTableTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteLaunchStoreTests : LaunchStoreTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}

public sealed class SqliteChuteInventoryTests : ChuteInventoryTests
{
    protected override Task<ITestStore> OpenAsync() => SqliteTestStore.OpenAsync();
}
