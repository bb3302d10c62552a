namespace OrleansInstances.Storage.Postgres;

/// <summary>Settings of a database on a PostgreSQL server, 15 or later.</summary>
public sealed class PostgresStorageOptions
{
    /// <summary>Npgsql's connection string. What it doesn't name has the defaults of <see cref="PostgresConnectionString"/>.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>How long a start waits for another silo that brings the tables up to date.</summary>
    public TimeSpan MigrationTimeout { get; set; } = TimeSpan.FromMinutes(1);
}
