using Orleans.Storage;

namespace OrleansInstances.Storage.Postgres;

/// <summary>
/// Orleans' AdoNet grain storage with what it leaves open: faults that say whether anything was done, states of different
/// grain types apart, and no clear of a state that the caller has never seen.
/// </summary>
/// <param name="orleans">The provider behind it. It keys a row by the state's name and the grain's key alone.</param>
/// <param name="database">Whose connections the provider uses.</param>
internal sealed class PostgresGrainStorage(IGrainStorage orleans, PostgresDatabase database) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        try
        {
            await orleans.ReadStateAsync(RowName(stateName, grainId), grainId, grainState);
        }
        catch (Exception e)
        {
            throw database.OfReading(e);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another state is stored than the one of the ETag.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        try
        {
            await orleans.WriteStateAsync(RowName(stateName, grainId), grainId, grainState);
        }
        catch (Exception e)
        {
            throw database.OfWriting(e);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another state is stored than the one of the ETag.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (string.IsNullOrWhiteSpace(grainState.ETag))
        {
            // The provider would read whatever is there, and remove that.
            await ReadStateAsync(stateName, grainId, grainState);
            if (grainState.RecordExists)
            {
                throw new InconsistentStateException(
                    $"The state {stateName} of {grainId} was stored by someone else meanwhile.", grainState.ETag ?? "none", "none");
            }

            return;
        }

        try
        {
            await orleans.ClearStateAsync(RowName(stateName, grainId), grainId, grainState);
        }
        catch (Exception e)
        {
            throw database.OfWriting(e);
        }
    }

    private static string RowName(string stateName, GrainId grainId) => $"{grainId.Type}/{stateName}";
}
