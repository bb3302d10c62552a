namespace Orleans.Concurrency;

/// <summary>All calls to grains of this class start at any await of others.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
