namespace OrleansInstances.Keeper.Processes;

/// <summary>Names a run: what marks all of its processes.</summary>
internal readonly record struct RunMark(Guid InstanceId, long Epoch);
