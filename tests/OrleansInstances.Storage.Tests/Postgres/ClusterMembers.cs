using System.Net;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans.Configuration;

namespace OrleansInstances.Storage.Tests.Postgres;

/// <summary>
/// Orleans' table of members and its list of gateways on a database. They are called by name: the embedded engine, on which
/// this must compile, has neither.
/// </summary>
internal sealed class ClusterMembers
{
    private static readonly Assembly Provider = typeof(AdoNetClusteringSiloOptions).Assembly;
    private readonly ServiceProvider _services;

    private ClusterMembers(NpgsqlDataSource database, string clusterId)
    {
        _services = new ServiceCollection()
            .AddLogging()
            .AddOptions()
            .Configure<ClusterOptions>(options => options.ClusterId = clusterId)
            .Configure<AdoNetClusteringSiloOptions>(options => (options.Invariant, options.DataSource) = ("Npgsql", database))
            .Configure<AdoNetClusteringClientOptions>(options => (options.Invariant, options.DataSource) = ("Npgsql", database))
            .BuildServiceProvider();
        Table = ActivatorUtilities.CreateInstance(_services, TableType!);
    }

    /// <summary>Null on the embedded engine.</summary>
    public static Type? TableType { get; } = Provider.GetType("Orleans.Runtime.MembershipService.AdoNetClusteringTable");

    /// <summary>The names of the statements that the provider looks up.</summary>
    public static IEnumerable<string> QueryKeys => Provider
        .GetType("Orleans.Clustering.AdoNet.Storage.DbStoredQueries", throwOnError: true)!
        .GetProperties(BindingFlags.Instance | BindingFlags.NonPublic)
        .Select(property => property.Name)
        .Where(name => name.EndsWith("Key", StringComparison.Ordinal));

    /// <summary>An <c>IMembershipTable</c>.</summary>
    public dynamic Table { get; }

    public static async Task<ClusterMembers> OpenAsync(NpgsqlDataSource database, string clusterId)
    {
        var members = new ClusterMembers(database, clusterId);
        await members.Table.InitializeMembershipTable(true);
        return members;
    }

    /// <summary>A <c>MembershipEntry</c>.</summary>
    public static dynamic Entry(int generation, string status, DateTime? aliveAt = null)
    {
        var type = TableType!.GetMethod("InsertRow")!.GetParameters()[0].ParameterType;
        dynamic entry = Activator.CreateInstance(type)!;
        entry.SiloAddress = SiloAddress.New(new IPEndPoint(IPAddress.Parse("10.0.0.7"), 11111), generation);
        entry.SiloName = "silo ''";
        entry.HostName = "host";
        entry.ProxyPort = 30000;
        entry.StartTime = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        entry.IAmAliveTime = aliveAt ?? entry.StartTime;
        SetStatus(entry, status);
        return entry;
    }

    public static void SetStatus(dynamic entry, string status)
    {
        PropertyInfo property = entry.GetType().GetProperty("Status");
        property.SetValue(entry, Enum.Parse(property.PropertyType, status));
    }

    public async Task<bool> InsertAsync(dynamic entry) => await Table.InsertRow(entry, (await Table.ReadAll()).Version.Next());

    /// <summary>Each member's generation and status, by generation.</summary>
    public async Task<string> DescribeAsync()
    {
        var members = new SortedDictionary<int, string>();
        foreach (dynamic member in (await Table.ReadAll()).Members)
        {
            members.Add(member.Item1.SiloAddress.Generation, member.Item1.Status.ToString());
        }

        return string.Join(", ", members.Select(member => $"{member.Key} {member.Value}"));
    }

    public async Task<IEnumerable<Uri>> GatewaysAsync()
    {
        dynamic list = ActivatorUtilities.CreateInstance(
            _services, Provider.GetType("Orleans.Runtime.Membership.AdoNetGatewayListProvider", throwOnError: true)!);
        await list.InitializeGatewayListProvider();
        return await list.GetGateways();
    }
}
