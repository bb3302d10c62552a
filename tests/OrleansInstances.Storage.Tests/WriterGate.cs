using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests;

/// <summary>Holds the writer in a batch of its own, so that what comes next waits.</summary>
internal sealed class WriterGate : IDisposable
{
    private readonly ManualResetEventSlim open = new();

    public WriterGate(SqliteDatabase database)
    {
        using var reached = new ManualResetEventSlim();
        _ = database.WriteAsync(_ =>
        {
            reached.Set();
            return open.Wait(TimeSpan.FromSeconds(30));
        });
        Assert.True(reached.Wait(TimeSpan.FromSeconds(30)), "The writer did not take the first write within 30 s.");
    }

    public void Open() => open.Set();

    public void Dispose() => open.Set();
}
