using System.Globalization;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>Conditions on the table <c>instances</c>, as far as they are the same in every database.</summary>
internal abstract class CatalogConditions : SqlConditions
{
    private static readonly string RunsAsHealthy = string.Create(
        CultureInfo.InvariantCulture, $"(status <> {(int)InstanceStatus.Running} OR unhealthy = @unhealthy)");

    /// <param name="query">What is asked for.</param>
    /// <param name="timeOf">How the database takes times.</param>
    protected CatalogConditions(CatalogQuery query, Func<DateTimeOffset, object> timeOf)
    {
        RequireEqual("region", query.Region);
        RequireEqual("node", query.Node);
        RequireEqual("driver", query.Driver);
        RequireEqual("owner", query.Owner);
        RequireEqual("name", query.Name);
        RequireEqual("app_id", query.AppId);
        RequireEqual("service_id", query.ServiceId);
        RequireEqual("deployment_id", query.DeploymentId);
        RequireEqual("regional_deployment_id", query.RegionalDeploymentId);
        RequireEqual("allocation_id", query.AllocationId);
        RequireEqual("replica_index", query.ReplicaIndex);
        if (query.Unhealthy is { } unhealthy)
        {
            Require(RunsAsHealthy, "@unhealthy", unhealthy);
        }

        if (query.Period?.From is { } from)
        {
            Require("coalesce(period_to, @now) >= @from", "@from", timeOf(from));
            Bind("@now", timeOf(query.Period.Now));
        }

        if (query.Period?.To is { } to)
        {
            Require("period_from <= @to", "@to", timeOf(to));
        }
    }

    /// <summary>Of instances that are there, as far as anybody may see.</summary>
    public static string NotDeleted { get; } = string.Create(CultureInfo.InvariantCulture, $"status <> {(int)InstanceStatus.Deleted}");

    /// <summary>A page by creation with the number of all that match, in one statement so that both are of one moment; a page without any still has the number.</summary>
    public string PageSql(PageRequest page) => $"""
        SELECT total.found, instances.snapshot
        FROM (SELECT count(*) AS found FROM instances WHERE {NotDeleted}{Conditions}) AS total
        LEFT JOIN (
            SELECT number FROM instances WHERE {NotDeleted}{Conditions}
            ORDER BY created_at {page.Direction}, id {page.Direction} LIMIT @limit OFFSET @offset) AS page ON true
        LEFT JOIN instances ON instances.number = page.number
        ORDER BY instances.created_at {page.Direction}, instances.id {page.Direction}
        """;
}
