using System.Collections.Immutable;
using System.Globalization;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <summary>Conditions on the table <c>instances</c>, as far as they are the same in every database.</summary>
internal abstract class CatalogConditions : SqlConditions
{
    private static readonly string RunsAsHealthy = string.Create(
        CultureInfo.InvariantCulture, $"(status <> {(int)InstanceStatus.Running} OR unhealthy = @unhealthy)");

    /// <summary>A label of so many instances counts as common, however many it has.</summary>
    protected const string CommonLabel = "1000";

    private readonly CatalogQuery query;
    private string tables = "instances";
    private string order = "number";

    /// <param name="query">What is asked for.</param>
    /// <param name="timeOf">How the database takes times.</param>
    /// <param name="common">Put before a column whose index is not to be used, because other conditions leave fewer instances.</param>
    protected CatalogConditions(CatalogQuery query, Func<DateTimeOffset, object> timeOf, string common)
    {
        this.query = query;
        var prefix = LeavesFew ? common : "";
        RequireEqual("region", query.Region, prefix);
        RequireEqual("node", query.Node, prefix);
        RequireEqual("driver", query.Driver, prefix);
        RequireEqual("owner", query.Owner, prefix);
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

    /// <summary>Whether few instances are left whatever else is asked for: most of many are at rest.</summary>
    private bool LeavesFew =>
        query is not { Ids: null, Name: null } || (!query.Statuses.IsEmpty && !query.Statuses.Overlaps(AtRest.Statuses));

    /// <summary>
    /// The instances by number, after the query's cursor. The rows of one label (<c>label</c>) come before those of their
    /// instances, because they are in its order, so that a page ends as soon as it is full; of several it is a rare one. Not
    /// where other conditions leave few instances.
    /// </summary>
    /// <param name="limit">As the database takes it.</param>
    public string ListSql(object? limit)
    {
        if (!query.Labels.IsEmpty)
        {
            RequireLabelsInOrder();
        }

        Require($"{order} > @after", "@after", query.After);
        Bind("@limit", limit);
        return $"SELECT snapshot FROM {tables} WHERE {NotDeleted}{Conditions} ORDER BY {order} LIMIT @limit";
    }

    /// <summary>A page by creation with the number of all that match, in one statement so that both are of one moment; a page without any still has the number.</summary>
    public string PageSql(PageRequest page)
    {
        RequireLabels();
        Bind("@limit", page.Limit);
        Bind("@offset", page.Offset);
        return $"""
            SELECT total.found, instances.snapshot
            FROM (SELECT count(*) AS found FROM instances WHERE {NotDeleted}{Conditions}) AS total
            LEFT JOIN (
                SELECT number FROM instances WHERE {NotDeleted}{Conditions}
                ORDER BY created_at {page.Direction}, id {page.Direction} LIMIT @limit OFFSET @offset) AS page ON true
            LEFT JOIN instances ON instances.number = page.number
            ORDER BY instances.created_at {page.Direction}, instances.id {page.Direction}
            """;
    }

    /// <summary>How many match, by status.</summary>
    public string CountSql()
    {
        RequireLabels();
        return $"SELECT status, count(*) FROM instances WHERE {NotDeleted}{Conditions} GROUP BY status";
    }

    /// <summary>The tables of labels and instances, the labels' first.</summary>
    protected abstract string LabelAndInstance { get; }

    /// <summary>The condition that <c>label</c> is one of the rarest that are asked for.</summary>
    protected abstract string IsRarestLabel { get; }

    /// <summary>The condition that one instance has all that are asked for.</summary>
    protected abstract string HasEachLabel { get; }

    /// <summary>The condition that an instance is among those, gathered, that have all that are asked for.</summary>
    protected abstract string HasAllLabels { get; }

    /// <summary>Binds what the last three refer to, but for the number of labels.</summary>
    protected abstract void BindLabels(ImmutableDictionary<string, string> labels);

    private void RequireLabels()
    {
        if (!query.Labels.IsEmpty)
        {
            Require(HasAllLabels, "@label_count", query.Labels.Count);
            BindLabels(query.Labels);
        }
    }

    private void RequireLabelsInOrder()
    {
        if (!LeavesFew)
        {
            (tables, order) = (LabelAndInstance, "label.number");
            if (query.Labels.Count == 1)
            {
                var (key, value) = query.Labels.First();
                Require("label.key = @label_key AND label.value = @label_value", "@label_key", key);
                Bind("@label_value", value);
                return;
            }

            Require(IsRarestLabel);
        }

        Require(HasEachLabel);
        BindLabels(query.Labels);
    }
}
