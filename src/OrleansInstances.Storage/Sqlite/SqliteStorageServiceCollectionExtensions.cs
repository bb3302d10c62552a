using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Storage.Chutes;
using OrleansInstances.Storage.Idempotency;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Nodes;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Storage.Sqlite;

public static class SqliteStorageServiceCollectionExtensions
{
    /// <summary>
    /// Adds the embedded database and all that is kept in it. It is opened, and brought up to date, by the first of them
    /// that is resolved, which throws <see cref="StorageUnavailableException"/> when that fails.
    /// </summary>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, Action<SqliteStorageOptions> configure)
    {
        services.AddOptions<SqliteStorageOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SqliteStorageOptions>, SqliteStorageOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => SqliteDatabase.Open(
            provider.GetRequiredService<IOptions<SqliteStorageOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddSingleton<IInstanceCatalog, SqliteInstanceCatalog>();
        services.AddSingleton<IInstanceCatalogWriter, SqliteInstanceCatalogWriter>();
        services.AddSingleton<IInstanceEvents, SqliteInstanceEvents>();
        services.AddSingleton<IInstanceNumbers, SqliteInstanceNumbers>();
        services.AddSingleton<IUnfinishedInstances, SqliteUnfinishedInstances>();
        services.AddSingleton<INodeTable, SqliteNodeTable>();
        services.AddSingleton<IKeyTable, SqliteKeyTable>();
        services.AddSingleton<IUserTable, SqliteUserTable>();
        services.AddSingleton<IIdempotencyTable, SqliteIdempotencyTable>();
        services.AddSingleton<ILaunchStore, SqliteLaunchStore>();
        services.AddSingleton<IChuteInventory, SqliteChuteInventory>();
        services.AddSingleton<IChuteAudit, SqliteChuteAudit>();
        return services;
    }
}
