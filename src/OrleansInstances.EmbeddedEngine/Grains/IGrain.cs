using Orleans.Runtime;

namespace Orleans;

/// <summary>What a caller can hold a reference to.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain named by a <see cref="Guid"/>.</summary>
public interface IGrainWithGuidKey : IGrain;

/// <summary>A grain named by a string.</summary>
public interface IGrainWithStringKey : IGrain;
