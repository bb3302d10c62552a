namespace OrleansInstances.Nodes.Processes;

/// <summary>The keeper gave no answer.</summary>
/// <param name="message">What happened, for people.</param>
/// <param name="outcomeUnknown">True when the request may have been carried out; false when it never left.</param>
[GenerateSerializer, Alias("oi.KeeperUnavailableException")]
public sealed class KeeperUnavailableException(string message, bool outcomeUnknown) : Exception(message)
{
    [Id(0)] public bool OutcomeUnknown { get; } = outcomeUnknown;
}
