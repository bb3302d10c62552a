using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Storage;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Testing;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>A silo with a database of its own: Orleans' provider works in a silo only.</summary>
public sealed class PostgresSilo : IAsyncLifetime
{
    private IHost? host;

    public string ConnectionString { get; private set; } = "";

    public IGrainStorage GrainStorage => Services.GetRequiredKeyedService<IGrainStorage>(NoteGrain.StorageName);

    public IServiceProvider Services => host!.Services;

    public async Task InitializeAsync() => await StartAsync(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());

    public async Task StartAsync(string connectionString)
    {
        ConnectionString = connectionString;
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddPostgresStorage(options => options.ConnectionString = connectionString);
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort.Find(), FreePort.Find())
            .AddPostgresGrainStorage(NoteGrain.StorageName));
        host = builder.Build();
        await host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (host is not null)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }
}

[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresSilo>
{
    public const string Name = "PostgreSQL";
}
