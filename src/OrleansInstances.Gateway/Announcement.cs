using System.Collections.Immutable;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Hosting;
using OrleansInstances.Instances;
using OrleansInstances.Storage;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway;

/// <summary>What an operator reads on the terminal: where everything is once it is up, and what goes on after it has ended.</summary>
internal sealed class Announcement(
    OrleansInstancesOptions silo,
    DataFolder folder,
    IServer server,
    IInstanceCatalog catalog,
    IHostApplicationLifetime lifetime) : IHostedService
{
    private static readonly ImmutableHashSet<InstanceStatus> Alive =
    [
        InstanceStatus.Starting, InstanceStatus.Running, InstanceStatus.Pausing, InstanceStatus.Paused, InstanceStatus.Stopping,
    ];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(() => Console.Write(Describe()));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!silo.IsNode)
        {
            return;
        }

        Console.Write(await CountAliveAsync(cancellationToken) switch
        {
            null => "Running instances keep running; the database can't tell now how many. ./dev down stops them.\n",
            0 => "No instance is running.\n",
            1 => "1 instance keeps running; ./dev down stops it.\n",
            var count => $"{count} instances keep running; ./dev down stops them.\n",
        });
    }

    private async Task<int?> CountAliveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var counts = await catalog.CountAsync(new CatalogQuery { Statuses = Alive, Node = folder.Identity.Name }, cancellationToken);
            return counts.Values.Sum();
        }
        catch (Exception error) when (error is StorageUnavailableException or StorageOverloadedException)
        {
            return null;
        }
    }

    private string Describe()
    {
        var addresses = string.Join(", ", server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses);
        return $"""

            OrleansInstances is ready.
              address  {addresses}{(silo.IsGateway ? "" : ", health only: this silo is no gateway")}
              data     {folder.Path}
              engine   {EngineName.Name} {EngineName.Version}, {EngineName.Why}
              node     {(silo.IsNode ? folder.Identity.Name : "none: this silo runs no instances")}
              keys     {DescribeKeys()}


            """;
    }

    private string DescribeKeys()
    {
        var file = Path.Combine(folder.Path, FirstKeys.FileName);
        return !silo.IsGateway ? "those of the cluster's gateways" : File.Exists(file) ? file : "the one in OI_API_KEY";
    }
}
