using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>A store of grain states. A failed operation leaves <see cref="IGrainState{T}"/> as it was.</summary>
public interface IGrainStorage
{
    /// <summary>Sets state, ETag and RecordExists to what is stored, or to a new state and no ETag.</summary>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Stores the state when the stored ETag is still the given one, and sets the new one.</summary>
    /// <exception cref="InconsistentStateException">The stored ETag is another one; nothing was written.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Removes what is stored when its ETag is still the given one.</summary>
    /// <exception cref="InconsistentStateException">The stored ETag is another one; nothing was removed.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
