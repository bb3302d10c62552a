using System.Data.Common;
using Npgsql;

namespace OrleansInstances.Storage.Postgres;

/// <summary>
/// The one pool of connections, also for Orleans' provider. A connection that can't be had is told apart right here, where
/// it is certain that nothing was done.
/// </summary>
internal sealed class PostgresConnections : DbDataSource
{
    private readonly NpgsqlDataSource pool;
    private readonly PostgresFaults faults;

    public PostgresConnections(NpgsqlConnectionStringBuilder settings, PostgresFaults faults)
    {
        pool = new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
        this.faults = faults;
    }

    /// <summary>Without the password.</summary>
    public override string ConnectionString => pool.ConnectionString;

    /// <exception cref="StorageUnavailableException">The server can't be reached or refuses; nothing was done.</exception>
    /// <exception cref="StorageOverloadedException">All connections are busy; nothing was done.</exception>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await pool.OpenConnectionAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw faults.OfOpening(e);
        }
    }

    /// <inheritdoc cref="OpenAsync"/>
    public NpgsqlConnection Open()
    {
        try
        {
            return pool.OpenConnection();
        }
        catch (Exception e)
        {
            throw faults.OfOpening(e);
        }
    }

    /// <summary>Lets go of the idle connections after one broke: they lead to the same server, and each would fail once.</summary>
    public void Forget() => pool.Clear();

    protected override DbConnection CreateDbConnection() => pool.CreateConnection();

    protected override DbConnection OpenDbConnection() => Open();

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        await OpenAsync(cancellationToken);

    protected override ValueTask DisposeAsyncCore() => pool.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pool.Dispose();
        }
    }
}
