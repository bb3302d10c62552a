namespace OrleansInstances.EmbeddedEngine.State;

/// <summary>What is read before a grain is activated.</summary>
internal interface IActivationState
{
    Task ReadStateAsync();
}
