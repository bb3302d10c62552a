namespace OrleansInstances.Nodes.Execs;

/// <param name="MaxSessions">At once on the node.</param>
/// <param name="AbandonedAfter">How long nobody reads a session before it is ended.</param>
internal sealed record ExecOptions(int MaxSessions, TimeSpan AbandonedAfter);
