using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>Finds the instances that a request's <c>depends_on</c> names.</summary>
internal sealed class DependencyNames(InstanceCalls instances)
{
    /// <summary>Names looked up for one request.</summary>
    private const int MaxNames = 32;

    /// <summary>The spec with the request's dependencies, as far as it gives any.</summary>
    public async Task<Parsed<InstanceSpec>> ResolveAsync(InstanceRequest request, Caller caller, InstanceSpec spec, CancellationToken cancellationToken) =>
        request.DependsOn is not { } given ? spec
            : (await FindAsync(given, caller, cancellationToken)).TryGet(out var found, out var error) ? spec with { DependsOn = [.. found] }
            : error;

    public async Task<Parsed<InstancePatch>> ResolveAsync(InstanceRequest request, Caller caller, InstancePatch patch, CancellationToken cancellationToken) =>
        request.DependsOn is not { } given ? patch
            : (await FindAsync(given, caller, cancellationToken)).TryGet(out var found, out var error) ? patch with { DependsOn = [.. found] }
            : error;

    private async Task<Parsed<List<InstanceDependency>>> FindAsync(IReadOnlyList<DependencyRequest?> given, Caller caller, CancellationToken cancellationToken)
    {
        if (given.Count > MaxNames)
        {
            return ApiError.Invalid($"depends_on must have at most {MaxNames} entries.");
        }

        var found = new List<InstanceDependency>();
        foreach (var (i, dependency) in given.Index())
        {
            DependencyCondition? condition = dependency?.Condition switch
            {
                null or "started" => DependencyCondition.Started,
                "healthy" => DependencyCondition.Healthy,
                _ => null,
            };
            if (condition is null)
            {
                return ApiError.Invalid($"depends_on[{i}].condition must be one of started, healthy.");
            }

            var reply = dependency?.Id is { } name ? await instances.GetAsync(caller, name, cancellationToken) : Refusal.NotFound;
            if (reply.Instance is not { } instance)
            {
                return ApiError.Invalid($"depends_on[{i}].id must name an instance.");
            }

            found.Add(new(instance.Id, condition.Value));
        }

        return found;
    }
}
