namespace Orleans;

/// <summary>The <see cref="Runtime.GrainType"/> of a grain class. Without it, it is the class name in lower case, less the ending "grain".</summary>
/// <param name="grainType">Stored with the grain's state: it never changes.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
#pragma warning disable CS9113 // Read by the generator.
public sealed class GrainTypeAttribute(string grainType) : Attribute;
#pragma warning restore CS9113
