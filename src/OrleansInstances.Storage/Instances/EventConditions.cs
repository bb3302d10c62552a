namespace OrleansInstances.Storage.Instances;

/// <summary>Conditions on the table <c>instance_events</c>, as far as they are the same in every database.</summary>
internal abstract class EventConditions : SqlConditions
{
    /// <param name="query">What is asked for.</param>
    /// <param name="timeOf">How the database takes times.</param>
    protected EventConditions(EventQuery query, Func<DateTimeOffset, object> timeOf)
    {
        RequireEqual("owner", query.Owner);
        if (query.Since is { } since)
        {
            Require("at >= @since", "@since", timeOf(since));
        }

        if (query.Until is { } until)
        {
            Require("at < @until", "@until", timeOf(until));
        }
    }

    /// <summary>Of instances that are there, by a condition on their numbers.</summary>
    protected static string OfInstances(string numberCondition) =>
        $"instance_id IN (SELECT id FROM instances WHERE {CatalogConditions.NotDeleted} AND {numberCondition})";
}
