using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;
using OrleansInstances.Testing;

namespace OrleansInstances.Hosting.Tests.Instances;

/// <summary>A whole silo on a real data folder: what its start repairs.</summary>
public sealed class InstanceSweeperTests : IAsyncLifetime
{
    private readonly TemporaryFolder _temporary = new();

    private string? _postgres;

    public async Task InitializeAsync()
    {
        if (TestDatabase.IsPostgres)
        {
            _postgres = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        }
    }

    public Task DisposeAsync()
    {
        _temporary.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_start_rebuilds_catalog_rows_that_were_lost()
    {
        var ids = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid()).ToList();
        await WithSiloAsync(async services =>
        {
            foreach (var id in ids)
            {
                var reply = await services.GetRequiredService<IGrainFactory>().GetGrain<IInstanceGrain>(id)
                    .CreateAsync(new InstanceSpec { Command = ["/bin/cat"] }, "admin", start: false);
                Assert.Null(reply.Refusal);
            }
        });
        Execute("DELETE FROM instances");

        IReadOnlyList<InstanceSnapshot> listed = [];
        await WithSiloAsync(async services =>
            listed = await services.GetRequiredService<IInstanceCatalog>().ListAsync(new CatalogQuery(), CancellationToken.None));

        Assert.Equal(ids, listed.Select(instance => instance.Id));
        Assert.Equal([1, 2, 3], listed.Select(instance => instance.Number));
    }

    private async Task WithSiloAsync(Func<IServiceProvider, Task> act)
    {
        var builder = Host.CreateApplicationBuilder(
        [
            $"--OI:DATA={_temporary.Path}", "--OI:NODE=test", $"--OI:SILO_PORT={FreePort.Find()}", $"--OI:GATEWAY_PORT={FreePort.Find()}",
        ]);
        builder.Configuration["OI:POSTGRES"] = _postgres;
        builder.Logging.ClearProviders();
        builder.AddOrleansInstances();
        using (var host = builder.Build())
        {
            await host.StartAsync();
            try
            {
                await act(host.Services);
            }
            finally
            {
                await host.StopAsync();
            }
        }

        // Only now: a silo that still lives would start another one.
        await ShutDownKeeperAsync();
    }

    private async Task ShutDownKeeperAsync()
    {
        using var down = System.Diagnostics.Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrleansInstances.Keeper.dll"), "--data", _temporary.Path, "--stop-all", "--timeout-seconds", "0"]);
        await down.WaitForExitAsync();
    }

    private void Execute(string sql)
    {
        using DbConnection database = _postgres is null
            ? new SqliteConnection($"Data Source={Path.Combine(_temporary.Path, "state.db")};Pooling=False")
            : new NpgsqlConnection(_postgres);
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }
}
