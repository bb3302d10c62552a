namespace OrleansInstances.Grains.Instances;

/// <summary>Gives each instance its integer name.</summary>
public interface IInstanceNumbers
{
    /// <summary>The number of <paramref name="instanceId"/>, from 1, ascending, never reused; the same id gets the same number again.</summary>
    Task<int> AllocateAsync(Guid instanceId);
}
