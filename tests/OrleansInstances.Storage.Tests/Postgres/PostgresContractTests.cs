using OrleansInstances.Storage.Tests.Contracts;

namespace OrleansInstances.Storage.Tests.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresCatalogedStateTests(PostgresSilo silo) : CatalogedStateTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresGrainStorageTests(PostgresSilo silo) : GrainStorageTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresIdempotencyTableTests(PostgresSilo silo) : IdempotencyTableTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresInstanceCatalogTests(PostgresSilo silo) : InstanceCatalogTests
{
    /// <summary>It can't hold U+0000, which the rules for specs and the routes refuse.</summary>
    protected override string Evil => base.Evil.Replace("\0", "", StringComparison.Ordinal);

    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresInstanceEventsTests(PostgresSilo silo) : InstanceEventsTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresEventPageTests(PostgresSilo silo) : EventPageTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresInstanceNumbersTests(PostgresSilo silo) : InstanceNumbersTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresKeyTableTests(PostgresSilo silo) : KeyTableTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresNodeTableTests(PostgresSilo silo) : NodeTableTests
{
    protected override string Bytes(string text) => $"convert_to('{text}', 'UTF8')";

    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresUnfinishedInstancesTests(PostgresSilo silo) : UnfinishedInstancesTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresUserTableTests(PostgresSilo silo) : UserTableTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresLaunchStoreTests(PostgresSilo silo) : LaunchStoreTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresChuteInventoryTests(PostgresSilo silo) : ChuteInventoryTests
{
    protected override Task<ITestStore> OpenAsync() => PostgresTestStore.OpenAsync(silo);
}
