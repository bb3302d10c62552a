namespace OrleansInstances.Testing;

/// <summary>The sources that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The files that belong to it, by paths relative to its root, with slashes.</summary>
    public static IEnumerable<(string Path, string Text)> Files(params string[] extensions) =>
        from folder in new[] { "eng", "src", "tests", "." }
        let depth = folder == "." ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*", depth)
        where extensions.Contains(Path.GetExtension(file))
        select (Path.GetRelativePath(Root, file).Replace('\\', '/'), File.ReadAllText(file));

    private static string FindRoot(string folder) => File.Exists(Path.Combine(folder, "OrleansInstances.sln"))
        ? folder
        : FindRoot(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside of the repository."));
}
