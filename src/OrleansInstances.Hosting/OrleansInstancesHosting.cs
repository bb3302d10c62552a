using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Grains.Nodes;
using OrleansInstances.Hosting.Instances;
using OrleansInstances.Hosting.Launches;
using OrleansInstances.Hosting.Nodes;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Hosting;

/// <summary>Makes a host a silo of the cluster. Written once, compiled on either engine.</summary>
public static class OrleansInstancesHosting
{
    private const string Prefix = "OI_";

    /// <summary>Part of the key of every stored state, and so the same for good.</summary>
    private const string ServiceId = "orleans-instances";

    /// <summary>Where Orleans looks for the subscriptions of every stream provider.</summary>
    private const string SubscriptionStorage = "PubSubStore";

    /// <summary>
    /// Adds silo, storage, node runtime and sweeper, in the order in which they start. The data folder is opened and
    /// locked right here, so that an operator hears of it before anything runs.
    /// </summary>
    /// <returns>What the silo is to do.</returns>
    /// <exception cref="DataFolderException">The data folder can't be used.</exception>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static OrleansInstancesOptions AddOrleansInstances(this IHostApplicationBuilder builder)
    {
        var options = builder.ReadOptions();
        var folder = DataFolder.Open(options.Data, options.Node);

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(_ => folder);
        // Asked of the services, which then dispose the folder, and with it the lock, when the host ends.
        builder.Services.AddSingleton(services => services.GetRequiredService<DataFolder>().Identity);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddStorage(options, folder.Path);
        builder.AddSilo(options);
        if (options.IsNode)
        {
            builder.AddRuntime(options, folder);
        }

        builder.Services.AddNodes(options.IsNode);
        builder.Services.AddHostedService<LaunchSweeper>();
        builder.AddEventRetention(options);
        return options;
    }

    /// <summary>
    /// Adds the silo's storage and nothing else of it, for a command that works on it whether or not the silo runs: the
    /// data folder's lock is left alone.
    /// </summary>
    /// <exception cref="DataFolderException">The data folder can't be made.</exception>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static IHostApplicationBuilder AddOrleansInstancesStorage(this IHostApplicationBuilder builder)
    {
        var options = builder.ReadOptions();
        return builder.AddStorage(options, DataFolder.Make(options.Data));
    }

    private static OrleansInstancesOptions ReadOptions(this IHostApplicationBuilder builder)
    {
        builder.Configuration.AddPrefixedEnvironment();
        var options = builder.Configuration.GetSection(OrleansInstancesOptions.Section).Get<OrleansInstancesOptions>() ?? new();
        Validate(options);
        return options;
    }

    /// <summary>OI_A__B becomes A:B of section <c>OI</c>, where no other variable of the machine can be taken for it.</summary>
    private static void AddPrefixedEnvironment(this IConfigurationBuilder configuration)
    {
        var variables = new ConfigurationBuilder().AddEnvironmentVariables(Prefix).Build();
        configuration.AddInMemoryCollection(variables
            .AsEnumerable()
            .Where(setting => !string.IsNullOrEmpty(setting.Value))
            .Select(setting => KeyValuePair.Create($"{OrleansInstancesOptions.Section}:{setting.Key}", setting.Value)));
    }

    private static void Validate(OrleansInstancesOptions options)
    {
        var result = new OrleansInstancesOptionsRules().Validate(null, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(OrleansInstancesOptions.Section, typeof(OrleansInstancesOptions), result.Failures);
        }
    }

    private static IHostApplicationBuilder AddStorage(this IHostApplicationBuilder builder, OrleansInstancesOptions options, string folder)
    {
        if (options.Postgres is { } postgres)
        {
            builder.Services.AddPostgresStorage(storage => storage.ConnectionString = postgres);
        }
        else
        {
            builder.Services.AddSqliteStorage(storage => storage.DataFolder = folder);
        }

        return builder;
    }

    private static void AddSilo(this IHostApplicationBuilder builder, OrleansInstancesOptions options) =>
        builder.UseOrleans(silo =>
        {
            silo.AddClustering(options);
            silo.AddPlacementDirector<OnItsNode, NodePlacementDirector>();
            silo.AddOutputStreams();
            if (options.Postgres is null)
            {
                silo.AddSqliteGrainStorage(InstanceGrain.StorageName);
            }
            else
            {
                silo.AddPostgresGrainStorage(InstanceGrain.StorageName);
            }
        });

    private static void AddClustering(this ISiloBuilder silo, OrleansInstancesOptions options)
    {
        if (!options.IsClustered)
        {
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, serviceId: ServiceId, clusterId: options.ClusterId);
            return;
        }

        silo.UsePostgresClustering();
        silo.ConfigureEndpoints(AddressOf(options.Advertise), options.SiloPort, options.GatewayPort);
        silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = (ServiceId, options.ClusterId));
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            membership.ProbeTimeout = TimeSpan.FromSeconds(options.ProbeSeconds);
            membership.NumMissedProbesLimit = options.MissedProbes;

            // One that has not written this three times in a row, which is for a lease, is not waited for by those that join.
            membership.IAmAliveTablePublishTimeout = options.Lease / 3;

            // One that was called dead, and can't be told, learns of it here; until it has ended nobody can reach what runs on its node.
            membership.TableRefreshTimeout = options.Lease / 3;
            membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
            membership.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        });
    }

    /// <exception cref="OptionsValidationException">There is no such host.</exception>
    private static IPAddress AddressOf(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host)[0];
        }
        catch (SocketException error)
        {
            throw new OptionsValidationException(
                OrleansInstancesOptions.Section, typeof(OrleansInstancesOptions), [$"OI_ADVERTISE is \"{host}\": it must be an address of this machine, or a name that leads to one. {error.Message}"]);
        }
    }

    /// <summary>In memory, subscriptions too: whoever watches asks again anyway, and what was missed can be read.</summary>
    private static void AddOutputStreams(this ISiloBuilder silo)
    {
        silo.AddMemoryGrainStorage(SubscriptionStorage);
        silo.AddMemoryStreams(OutputStreams.Provider);
        silo.Services.Configure<StreamCacheEvictionOptions>(OutputStreams.Provider, cache =>
        {
            cache.DataMinTimeInCache = TimeSpan.FromSeconds(1);
            cache.DataMaxAgeInCache = TimeSpan.FromSeconds(5);
        });
        silo.Services.AddSingleton<IOutputStream, OrleansOutputStream>();
        silo.Services.AddSingleton<ILaunchEvents, OrleansLaunchEvents>();
    }

    private static void AddEventRetention(this IHostApplicationBuilder builder, OrleansInstancesOptions options)
    {
        if (options.EventRetentionDays > 0)
        {
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<EventRetention>(
                services, TimeSpan.FromDays(options.EventRetentionDays)));
        }
    }

    private static void AddRuntime(this IHostApplicationBuilder builder, OrleansInstancesOptions options, DataFolder folder)
    {
        builder.Services.AddNodeRuntime(node =>
        {
            node.DataFolder = folder.Path;
            node.NodeName = folder.Identity.Name;
            node.MaxInstances = options.MaxInstances;
            node.MaxOutputWatches = options.MaxOutputWatches;
            node.Cpus = options.Cpus ?? node.Cpus;
            node.MemoryMb = options.MemoryMb ?? node.MemoryMb;
            node.MaxExecs = options.MaxExecs;
            node.ExecAbandonedAfter = TimeSpan.FromSeconds(options.ExecStallSeconds + 30);
        });
    }
}
