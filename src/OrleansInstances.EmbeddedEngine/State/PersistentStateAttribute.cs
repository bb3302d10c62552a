namespace Orleans.Runtime;

/// <summary>Which state a constructor parameter of type <see cref="IPersistentState{TState}"/> gets.</summary>
/// <param name="stateName">Its name within the grain.</param>
/// <param name="storageName">The store that holds it; without it the one named Default.</param>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
{
    public string StateName { get; } = stateName;

    public string? StorageName { get; } = storageName;
}
