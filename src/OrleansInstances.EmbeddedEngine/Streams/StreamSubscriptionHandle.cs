namespace Orleans.Streams;

/// <summary>A subscription.</summary>
public abstract class StreamSubscriptionHandle<T>
{
    /// <summary>No item is handed to the subscriber afterwards.</summary>
    public abstract Task UnsubscribeAsync();
}
