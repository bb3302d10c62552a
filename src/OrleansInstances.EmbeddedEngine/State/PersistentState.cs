using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansInstances.EmbeddedEngine.Activations;

namespace OrleansInstances.EmbeddedEngine.State;

/// <summary>A state between a grain and its store.</summary>
internal sealed class PersistentState<TState>(Activation activation, string stateName, IGrainStorage storage) : IPersistentState<TState>, IActivationState
{
    private readonly GrainState<TState> _record = new(NewState());

    public TState State
    {
        get => _record.State!;
        set => _record.State = value;
    }

    public string? Etag => _record.ETag;

    public bool RecordExists => _record.RecordExists;

    public Task ReadStateAsync() => RunAsync(storage.ReadStateAsync, nameof(ReadStateAsync));

    public Task WriteStateAsync() => RunAsync(storage.WriteStateAsync, nameof(WriteStateAsync));

    public Task ClearStateAsync() => RunAsync(storage.ClearStateAsync, nameof(ClearStateAsync));

    private async Task RunAsync(Func<string, GrainId, IGrainState<TState>, Task> operation, string name)
    {
        try
        {
            await operation(stateName, activation.GrainId, _record);
        }
        catch (Exception error) when (error is not OrleansException)
        {
            throw new OrleansException($"Error from the store {storage.GetType().Name} during {name} of {stateName} for grain {activation.GrainId}: {error.Message}", error);
        }
    }

    private static TState NewState() => typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null
        ? Activator.CreateInstance<TState>()
        : (TState)RuntimeHelpers.GetUninitializedObject(typeof(TState));
}
