using OrleansInstances.Grains.Instances;

namespace OrleansInstances.Storage.Postgres;

/// <summary>Numbers come from a sequence: never given twice, but a crash of the server or a lost race may leave a gap.</summary>
internal sealed class PostgresInstanceNumbers(PostgresDatabase database) : IInstanceNumbers
{
    // The sequence is asked only for an id that is not there, so that asking again leaves no gap.
    private const string Allocate = """
        WITH given AS (
            INSERT INTO instance_numbers (instance_id)
            SELECT @id WHERE NOT EXISTS (SELECT FROM instance_numbers WHERE instance_id = @id)
            ON CONFLICT DO NOTHING
            RETURNING number
        )
        SELECT number FROM given
        UNION ALL
        SELECT number FROM instance_numbers WHERE instance_id = @id
        """;

    public async Task<int> AllocateAsync(Guid instanceId)
    {
        while (true)
        {
            // Neither given nor found: another was faster and came after this statement's look at the table.
            if (await database.ExecuteAsync<int?>(Allocate, row => row.GetInt32(0), CancellationToken.None, ("id", instanceId)) is { } number)
            {
                return number;
            }
        }
    }
}
