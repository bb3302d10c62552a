namespace OrleansInstances.Nodes;

/// <summary>Where the output of watched instances is published.</summary>
public interface IOutputStream
{
    /// <summary>Completes when it is on its way; a failure may have been a success.</summary>
    Task PublishAsync(Guid instanceId, OutputSlice slice);
}
