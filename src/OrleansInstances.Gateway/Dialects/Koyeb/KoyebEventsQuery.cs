using System.Collections.Immutable;
using Microsoft.OpenApi;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>What GET /v1/instance_events asks for.</summary>
/// <param name="InstanceNames">Of any of these; empty is of all.</param>
/// <param name="Types">Any of these; null is all.</param>
internal sealed record KoyebEventsQuery(IReadOnlyList<string> InstanceNames, ImmutableHashSet<string>? Types, PageRequest Page)
{
    public static readonly ImmutableArray<QueryParameter> Parameters =
    [
        new("instance_ids", JsonSchemaType.String, "An instance; any of several.", Many: true),
        new("types", JsonSchemaType.String, "A type of event; any of several.", Many: true),
        .. KoyebQuery.PageParameters,
    ];

    public static (KoyebEventsQuery Query, KoyebError? Error) Read(IQueryCollection parameters)
    {
        var query = new KoyebQuery(parameters);
        ImmutableHashSet<string> types = [.. query.Many("types")];
        return (new(query.Many("instance_ids"), types.IsEmpty ? null : types, query.Page()), query.Fault);
    }
}
