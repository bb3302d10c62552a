using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Storage.Sqlite;

internal sealed class SqliteInstanceNumbers(SqliteDatabase database) : IInstanceNumbers
{
    private const string FindNumber = "SELECT number FROM instance_numbers WHERE instance_id = @id";

    public Task<int> AllocateAsync(Guid instanceId) => database.WriteAsync(session =>
    {
        var id = instanceId.ToBlob();
        var number = session.Scalar(FindNumber, ("@id", id))
            ?? session.Scalar("INSERT INTO instance_numbers (instance_id) VALUES (@id) RETURNING number", ("@id", id));
        return checked((int)(long)number!);
    });
}
