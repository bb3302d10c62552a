namespace Orleans.Concurrency;

/// <summary>Calls of this interface method start at any await of other calls, and others at theirs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
