using System.Collections.Immutable;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Sqlite;

namespace OrleansInstances.Storage.Tests;

public static class Samples
{
    public static DateTimeOffset Noon { get; } = new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Of states that are cataloged: an instance's, which is what the databases know.</summary>
    public const string StateName = "instance";

    public static GrainId Grain(string key) => GrainId.Create("instance", key);

    public static GrainId Grain(Guid id) => Grain(id.ToString("N"));

    public static InstanceSnapshot Snapshot(int number, long version = 1, Guid? id = null) => new()
    {
        Id = id ?? Guid.NewGuid(),
        Number = number,
        Version = version,
        Spec = new InstanceSpec { Name = $"web-{number}", Command = ["/bin/cat"], Env = Map(("K", "V")) },
        Owner = "alice",
        Status = InstanceStatus.Stopped,
        CreatedAt = Noon,
        UpdatedAt = Noon,
    };

    public static InstanceEvent Event(Guid id, long sequence, string type = InstanceEventTypes.Created) =>
        new(id, sequence, type, Noon.AddSeconds(sequence), 1, $"event {sequence}", Map(("node", "n1")));

    public static ImmutableDictionary<string, string> Map(params (string Key, string Value)[] entries) =>
        entries.ToImmutableDictionary(entry => entry.Key, entry => entry.Value);

    internal static SqliteGrainStorage GrainStorage(this SqliteDatabase database) => new(database);

    /// <summary>Stores a new instance the way its grain does.</summary>
    internal static async Task<Held<TestState>> StoreAsync(
        this SqliteDatabase database, InstanceSnapshot snapshot, params InstanceEvent[] events)
    {
        var held = new Held<TestState> { State = { Snapshot = snapshot, Outbox = [.. events] } };
        await database.GrainStorage().WriteStateAsync("state", Grain(snapshot.Id), held);
        return held;
    }

    public static ICatalogedState State(InstanceSnapshot snapshot, params InstanceEvent[] events) =>
        new TestState { Snapshot = snapshot, Outbox = [.. events] };
}
