using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansInstances.Storage.Sqlite;
using OrleansInstances.Testing;

namespace OrleansInstances.Storage.Tests.Sqlite;

/// <summary>The storage as a silo's grains see it.</summary>
public sealed class SiloTests : IAsyncLifetime
{
    private readonly StorageFolder folder = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await folder.DisposeAsync();

    [Fact]
    public async Task What_a_grain_stored_is_there_in_the_next_silo()
    {
        using (var first = await StartAsync())
        {
            await Grain(first).SetAsync("kept");
            await first.StopAsync();
        }

        using var second = await StartAsync();

        Assert.Equal("kept", await Grain(second).GetAsync());
        await second.StopAsync();
    }

    [Fact]
    public async Task A_full_queue_reaches_the_caller_of_the_grain_as_what_it_is()
    {
        using var silo = await StartAsync(options => options.WriteQueueLength = 1);
        using var gate = new WriterGate(silo.Services.GetRequiredService<SqliteDatabase>());
        var waiting = silo.Services.GetRequiredService<SqliteDatabase>().WriteAsync(_ => 0);

        await Assert.ThrowsAsync<StorageOverloadedException>(() => Grain(silo).SetAsync("refused"));

        gate.Open();
        await waiting;
        await Grain(silo).SetAsync("taken");
        await silo.StopAsync();
    }

    private static INoteGrain Grain(IHost silo) => silo.Services.GetRequiredService<IGrainFactory>().GetGrain<INoteGrain>("a");

    private async Task<IHost> StartAsync(Action<SqliteStorageOptions>? configure = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSqliteStorage(options =>
        {
            options.DataFolder = folder.Path;
            configure?.Invoke(options);
        });
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(FreePort.Find(), FreePort.Find())
            .AddSqliteGrainStorage(NoteGrain.StorageName));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
