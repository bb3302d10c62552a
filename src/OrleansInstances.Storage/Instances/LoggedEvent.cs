using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Instances;

/// <param name="Event">What happened. Its time has millisecond precision.</param>
/// <param name="Owner">Whose instance it is or was.</param>
public sealed record LoggedEvent(InstanceEvent Event, string Owner);
