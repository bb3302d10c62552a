namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>The program as a later build may be: what it sends to other silos has members that today's does not know.</summary>
internal sealed class LaterBuild : IDisposable
{
    private const string Sent = "OrleansInstances.Abstractions.dll";

    public LaterBuild()
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        }

        CopyFolder("runtimes");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "later", Sent), Path.Combine(Folder, Sent), overwrite: true);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("oi-later-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private void CopyFolder(string name)
    {
        var from = Path.Combine(AppContext.BaseDirectory, name);
        foreach (var file in Directory.Exists(from) ? Directory.GetFiles(from, "*", SearchOption.AllDirectories) : [])
        {
            var to = Path.Combine(Folder, name, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }
}
