using System.Globalization;

namespace OrleansInstances.Storage;

/// <summary>A step from one version of the tables to the next, embedded as <c>Sql/&lt;database&gt;/&lt;version&gt;_&lt;name&gt;.sql</c>.</summary>
/// <param name="Version">From 1, without gaps.</param>
/// <param name="Name">What it does.</param>
/// <param name="Text">Its statements.</param>
internal sealed record SqlScript(int Version, string Name, string Text)
{
    /// <summary>All scripts of a database, in order.</summary>
    public static IReadOnlyList<SqlScript> All(string database)
    {
        var assembly = typeof(SqlScript).Assembly;
        var prefix = $"Sql/{database}/";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(Read)
            .OrderBy(script => script.Version)];

        SqlScript Read(string resource)
        {
            var fileName = Path.GetFileNameWithoutExtension(resource[prefix.Length..]);
            var (number, name) = fileName.Split('_', 2) is [var first, var rest]
                ? (first, rest)
                : throw new InvalidOperationException($"The script {resource} must be named <version>_<name>.sql.");
            using var text = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return new SqlScript(int.Parse(number, CultureInfo.InvariantCulture), name, text.ReadToEnd());
        }
    }
}
