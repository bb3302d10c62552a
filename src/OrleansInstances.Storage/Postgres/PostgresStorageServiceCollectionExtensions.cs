using Microsoft.Extensions.DependencyInjection;
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

namespace OrleansInstances.Storage.Postgres;

public static class PostgresStorageServiceCollectionExtensions
{
    /// <summary>
    /// Adds a database on a PostgreSQL server and all that is kept in it. It is connected, and brought up to date, by the
    /// first part that is resolved, grain storage among them, which throws <see cref="StorageUnavailableException"/> when
    /// that fails: so nothing of a silo runs before the tables are there.
    /// </summary>
    public static IServiceCollection AddPostgresStorage(this IServiceCollection services, Action<PostgresStorageOptions> configure)
    {
        services.AddOptions<PostgresStorageOptions>().Configure(configure).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PostgresStorageOptions>, PostgresStorageOptionsValidator>();
        services.AddSingleton(provider => PostgresDatabase.Open(
            provider.GetRequiredService<IOptions<PostgresStorageOptions>>().Value,
            provider.GetRequiredService<ILogger<PostgresDatabase>>()));
        services.AddSingleton<IInstanceCatalog, PostgresInstanceCatalog>();
        services.AddSingleton<IInstanceCatalogWriter, PostgresInstanceCatalogWriter>();
        services.AddSingleton<IInstanceEvents, PostgresInstanceEvents>();
        services.AddSingleton<IInstanceNumbers, PostgresInstanceNumbers>();
        services.AddSingleton<IUnfinishedInstances, PostgresUnfinishedInstances>();
        services.AddSingleton<INodeTable, PostgresNodeTable>();
        services.AddSingleton<IKeyTable, PostgresKeyTable>();
        services.AddSingleton<IUserTable, PostgresUserTable>();
        services.AddSingleton<IIdempotencyTable, PostgresIdempotencyTable>();
        services.AddSingleton<ILaunchStore, PostgresLaunchStore>();
        services.AddSingleton<IChuteInventory, PostgresChuteInventory>();
        services.AddSingleton<IChuteAudit, PostgresChuteAudit>();
        return services;
    }
}
