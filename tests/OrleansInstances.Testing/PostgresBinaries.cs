using System.Globalization;

namespace OrleansInstances.Testing;

/// <summary>Where PostgreSQL's programs are on this machine.</summary>
internal static class PostgresBinaries
{
    private const string DebianFolder = "/usr/lib/postgresql";

    /// <summary>The folder with initdb and pg_ctl: one of PATH, else Debian's of the highest version.</summary>
    /// <exception cref="InvalidOperationException">There is none; the message says what to install.</exception>
    public static string Find()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var debian = Directory.Exists(DebianFolder)
            ? Directory.GetDirectories(DebianFolder).OrderByDescending(Version).Select(folder => Path.Combine(folder, "bin"))
            : [];
        return path.Concat(debian).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")))
            ?? throw new InvalidOperationException(
                $"These tests need PostgreSQL 15 or later: neither PATH nor {DebianFolder}/*/bin has initdb. On Debian and Ubuntu, install the package postgresql.");
    }

    private static double Version(string folder) =>
        double.TryParse(Path.GetFileName(folder), NumberStyles.Float, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
