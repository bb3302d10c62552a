using System.Data.Common;

namespace Orleans.Configuration;

/// <summary>The database through which silos find each other.</summary>
public class AdoNetClusteringSiloOptions
{
    public string ConnectionString { get; set; } = "";

    /// <summary>Opens connections; its owner disposes it.</summary>
    public DbDataSource? DataSource { get; set; }

    public string Invariant { get; set; } = "";
}

/// <summary>The database through which clients find silos.</summary>
public class AdoNetClusteringClientOptions
{
    public string ConnectionString { get; set; } = "";

    /// <summary>Opens connections; its owner disposes it.</summary>
    public DbDataSource? DataSource { get; set; }

    public string Invariant { get; set; } = "";
}
