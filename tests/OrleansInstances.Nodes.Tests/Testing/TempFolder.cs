namespace OrleansInstances.Nodes.Tests.Testing;

/// <summary>A folder of the test's own, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder(string suffix = "")
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "oi-nodes-" + Guid.NewGuid().ToString("N")[..8] + suffix);
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
