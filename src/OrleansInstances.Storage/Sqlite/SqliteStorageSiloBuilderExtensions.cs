using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace OrleansInstances.Storage.Sqlite;

public static class SqliteStorageSiloBuilderExtensions
{
    /// <summary>Adds grain storage in the embedded database, which <see cref="SqliteStorageServiceCollectionExtensions.AddSqliteStorage"/> brings.</summary>
    /// <param name="silo">Of this silo.</param>
    /// <param name="name">The provider's name in <c>[PersistentState]</c>.</param>
    public static ISiloBuilder AddSqliteGrainStorage(this ISiloBuilder silo, string name)
    {
        silo.Services.AddKeyedSingleton<IGrainStorage>(
            name, (provider, _) => new SqliteGrainStorage(provider.GetRequiredService<SqliteDatabase>()));
        return silo;
    }
}
