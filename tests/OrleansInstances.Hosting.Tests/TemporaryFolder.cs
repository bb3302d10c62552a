namespace OrleansInstances.Hosting.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("oi-hosting-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
