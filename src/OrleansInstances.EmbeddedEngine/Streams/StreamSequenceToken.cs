namespace Orleans.Streams;

/// <summary>Where an item is in its stream; this engine hands out none.</summary>
public abstract class StreamSequenceToken;
