namespace Orleans.Concurrency;

/// <summary>The caller of this interface method gets no answer, not even an error.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;
