using System.Data.Common;
using Orleans.Storage;

namespace Orleans.Configuration;

/// <summary>Where and how states are stored in a relational database. Of the databases that Orleans knows, this engine serves PostgreSQL.</summary>
public class AdoNetGrainStorageOptions
{
    /// <summary>The ADO.NET driver; here always <c>Npgsql</c>.</summary>
    public string Invariant { get; set; } = "";

    /// <summary>Opens connections; its owner disposes it.</summary>
    public DbDataSource? DataSource { get; set; }

    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;

    /// <summary>Whether a cleared state's row goes, or stays without its payload.</summary>
    public bool DeleteStateOnClear { get; set; }
}
