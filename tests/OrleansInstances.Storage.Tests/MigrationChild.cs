using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests;

internal static class MigrationChild
{
    /// <summary>Opens the databases in the folders 1 to n below a folder, one after the other.</summary>
    public static async Task<int> OpenAsync(string folder, int times)
    {
        for (var i = 1; i <= times; i++)
        {
            var options = new SqliteStorageOptions { DataFolder = Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture)) };
            await using var database = SqliteDatabase.Open(options, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        }

        return 0;
    }
}
