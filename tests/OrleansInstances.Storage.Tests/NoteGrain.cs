namespace OrleansInstances.Storage.Tests;

[Alias("oi.test.INoteGrain")]
public interface INoteGrain : IGrainWithStringKey
{
    [Alias("set")]
    Task SetAsync(string text);

    [Alias("get")]
    Task<string> GetAsync();
}

[GrainType("oi-test-note")]
public sealed class NoteGrain([PersistentState("note", NoteGrain.StorageName)] IPersistentState<PlainState> note) : Grain, INoteGrain
{
    public const string StorageName = "notes";

    public async Task SetAsync(string text)
    {
        note.State.Text = text;
        await note.WriteStateAsync();
    }

    public Task<string> GetAsync() => Task.FromResult(note.State.Text);
}
