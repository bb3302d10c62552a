namespace Orleans;

/// <summary>Names an assembly with grains that this one is built with: this one itself or one that it references.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ApplicationPartAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
