namespace OrleansInstances.Keeper.Loop;

/// <summary>
/// Gives memory back. What the keeper needs is little, and starts leave garbage: the runtime alone would let it gather to
/// several times of what is in use before it collects.
/// </summary>
internal sealed class MemoryThrift
{
    // Some hundred starts; a collection takes about as long as one of them.
    private const long GarbageBytes = 2 * 1024 * 1024;

    private long _allocated;

    /// <summary>Collects when enough was allocated since the last time.</summary>
    public void Check()
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        if (allocated - _allocated >= GarbageBytes)
        {
            _allocated = allocated;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
