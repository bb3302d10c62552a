namespace Orleans.Runtime;

/// <summary>What has a <see cref="GrainId"/>: a grain or a reference to one.</summary>
public interface IAddressable;
