namespace OrleansInstances.Instances;

/// <summary>Another instance that has to run, or to be healthy, before a start attempt begins.</summary>
[GenerateSerializer, Immutable, Alias("oi.InstanceDependency")]
public sealed record InstanceDependency(
    [property: Id(0)] Guid Id,
    [property: Id(1)] DependencyCondition Condition = DependencyCondition.Started);

/// <summary>What is asked of a dependency. The numbers are stored.</summary>
public enum DependencyCondition
{
    /// <summary>Its program runs, or is paused.</summary>
    Started = 0,

    /// <summary>Its health checks say so.</summary>
    Healthy = 1,
}
