using System.Collections.Immutable;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>What GET /v1/instances asks for.</summary>
internal sealed record KoyebInstancesQuery(CatalogQuery Instances, PageRequest Page)
{
    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("app_id", JsonSchemaType.String, "The application."),
        new("service_id", JsonSchemaType.String, "The service."),
        new("deployment_id", JsonSchemaType.String, "The deployment."),
        new("regional_deployment_id", JsonSchemaType.String, "The regional deployment."),
        new("allocation_id", JsonSchemaType.String, "The allocation."),
        new("replica_index", JsonSchemaType.String, "The replica, from 0."),
        new("statuses", JsonSchemaType.String, "A status; any of several.", Many: true) { Words = KoyebStatus.Words },
        .. KoyebQuery.PageParameters,
        new("starting_time", JsonSchemaType.String, "Those that ran at or after this time, RFC 3339."),
        new("ending_time", JsonSchemaType.String, "Those that ran at or before this time, RFC 3339."),
    ];

    /// <param name="parameters">The query.</param>
    /// <param name="now">Until when those run that have not ended.</param>
    public static (KoyebInstancesQuery Query, KoyebError? Error) Read(IQueryCollection parameters, DateTimeOffset now)
    {
        var query = new KoyebQuery(parameters);
        var (from, to) = (query.Time("starting_time"), query.Time("ending_time"));
        if (from > to)
        {
            query.Refuse("starting_time", "must not be after ending_time");
        }

        var instances = new CatalogQuery
        {
            AppId = query.Text("app_id"),
            ServiceId = query.Text("service_id"),
            DeploymentId = query.Text("deployment_id"),
            RegionalDeploymentId = query.Text("regional_deployment_id"),
            AllocationId = query.Text("allocation_id"),
            ReplicaIndex = query.Number("replica_index"),
            Period = from is null && to is null ? null : new(from, to, now),
        };
        if (KoyebStatus.Restrict(instances, query.Many("statuses")) is { } restricted)
        {
            instances = restricted;
        }
        else
        {
            query.Refuse("statuses", $"must be of {string.Join(", ", KoyebStatus.Words)}");
        }

        return (new(instances, query.Page()), query.Fault);
    }
}
