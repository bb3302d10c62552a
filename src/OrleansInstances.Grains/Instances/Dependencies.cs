using System.Collections.Immutable;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Instances;

/// <summary>
/// What an instance waits for before it starts. Only reads of other instances, which interleave there: instances that
/// wait for each other don't hold each other up.
/// </summary>
internal sealed class Dependencies(IGrainFactory grains, TimeProvider time)
{
    /// <summary>Instances looked at for a circle.</summary>
    private const int MaxWalk = 1000;

    /// <summary>It is waited for during a turn.</summary>
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The first dependency that doesn't hold now.</summary>
    public async Task<UnmetDependency?> FindUnmetAsync(ImmutableArray<InstanceDependency> dependencies)
    {
        foreach (var dependency in dependencies)
        {
            InstanceReply reply;
            try
            {
                reply = await ReadAsync(dependency.Id);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                return new(dependency.Id, Version: null, $"Waits for {dependency.Id}, which does not answer: {error.Message}");
            }

            if (WhyNot(dependency, reply.Instance) is { } why)
            {
                return new(dependency.Id, reply.Instance?.Version, $"Waits for {dependency.Id}, which {why}.");
            }
        }

        return null;
    }

    /// <summary>Whether <paramref name="instanceId"/> would wait for itself.</summary>
    public async Task<bool> LeadBackToAsync(Guid instanceId, ImmutableArray<InstanceDependency> dependencies)
    {
        var seen = new HashSet<Guid>();
        var next = new Queue<Guid>(dependencies.Select(dependency => dependency.Id));
        while (next.TryDequeue(out var id) && seen.Count < MaxWalk)
        {
            if (id == instanceId)
            {
                return true;
            }

            if (seen.Add(id) && (await ReadAsync(id)).Instance is { Spec.DependsOn: { IsDefault: false } furthers })
            {
                foreach (var further in furthers)
                {
                    next.Enqueue(further.Id);
                }
            }
        }

        return false;
    }

    private static string? WhyNot(InstanceDependency dependency, InstanceSnapshot? instance) => (instance, dependency.Condition) switch
    {
        (null, _) => "does not exist",
        ({ Status: not (InstanceStatus.Running or InstanceStatus.Pausing or InstanceStatus.Paused) }, _) => $"is {instance.Status.ToString().ToLowerInvariant()}",
        (_, DependencyCondition.Started) => null,
        ({ Spec.Health: null }, _) => "has no health checks",
        ({ Health: not InstanceHealth.Healthy }, _) => instance.Health == InstanceHealth.Unhealthy ? "is unhealthy" : "is not healthy yet",
        _ => null,
    };

    private Task<InstanceReply> ReadAsync(Guid id) => grains.GetGrain<IInstanceGrain>(id).GetAsync().WaitAsync(ReadTimeout, time);
}

/// <param name="Id">Whom it waits for.</param>
/// <param name="Version">A later version of that instance may do; null when there is none to wait for.</param>
/// <param name="Reason">For people, a sentence.</param>
internal sealed record UnmetDependency(Guid Id, long? Version, string Reason);
