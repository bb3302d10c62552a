using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Storage.Sqlite;

/// <summary>
/// Grain storage has already written row and events with the state, so this finds them there; it writes only what was
/// lost since.
/// </summary>
internal sealed class SqliteInstanceCatalogWriter(SqliteDatabase database) : IInstanceCatalogWriter
{
    // A caller may have been overtaken by the end of its instance: the row of a state that is gone must not come back.
    private const string StateExists =
        "SELECT EXISTS (SELECT 1 FROM grain_state WHERE instance_id = @id AND snapshot_version >= @version)";

    public async Task PublishAsync(ICatalogedState state)
    {
        if (CatalogEntry.Of(state) is not { } entry || await database.ReadAsync(entry.IsStored))
        {
            return;
        }

        await database.WriteAsync(session =>
        {
            if ((long)session.Scalar(StateExists, ("@id", entry.InstanceId.ToBlob()), ("@version", entry.Version))! == 1)
            {
                entry.Store(session);
            }

            return true;
        });
    }
}
