namespace Orleans.Configuration;

/// <summary>Nothing can be chosen here.</summary>
public class MemoryGrainStorageOptions;
