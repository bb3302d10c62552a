using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;

namespace OrleansInstances.Storage.Postgres;

public static class PostgresStorageSiloBuilderExtensions
{
    /// <summary>Adds grain storage in the database that <see cref="PostgresStorageServiceCollectionExtensions.AddPostgresStorage"/> brings.</summary>
    /// <param name="silo">Of this silo.</param>
    /// <param name="name">The provider's name in <c>[PersistentState]</c>.</param>
    public static ISiloBuilder AddPostgresGrainStorage(this ISiloBuilder silo, string name)
    {
        var orleans = name + ".adonet";
        silo.AddAdoNetGrainStorage(orleans, options => options.Configure<PostgresDatabase>((adoNet, database) =>
        {
            adoNet.Invariant = "Npgsql";
            adoNet.DataSource = database.Connections;
            adoNet.DeleteStateOnClear = true;
            adoNet.GrainStorageSerializer = new PostgresGrainStateJson();
        }));
        silo.Services.AddKeyedSingleton<IGrainStorage>(name, (provider, _) => new PostgresGrainStorage(
            provider.GetRequiredKeyedService<IGrainStorage>(orleans), provider.GetRequiredService<PostgresDatabase>()));
        return silo;
    }

    /// <summary>Makes the silos of one database, and of one cluster id, a cluster.</summary>
    public static ISiloBuilder UsePostgresClustering(this ISiloBuilder silo)
    {
        silo.UseAdoNetClustering(adoNet => adoNet.Invariant = "Npgsql");
        silo.Services.AddOptions<AdoNetClusteringSiloOptions>().Configure<PostgresDatabase>((adoNet, database) => adoNet.DataSource = database.Connections);
        return silo;
    }
}
