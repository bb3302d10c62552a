using System.Diagnostics.CodeAnalysis;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Tests;

/// <summary>State that is cataloged, as an instance's is.</summary>
public sealed class TestState : ICatalogedState
{
    public InstanceSnapshot? Snapshot { get; set; }

    public List<InstanceEvent> Outbox { get; set; } = [];

    IReadOnlyList<InstanceEvent> ICatalogedState.Outbox => Outbox;
}

/// <summary>State that is not.</summary>
public sealed class PlainState
{
    public string Text { get; set; } = "";
}

/// <summary>What a grain holds of its state.</summary>
public sealed class Held<T> : IGrainState<T>
    where T : new()
{
    [AllowNull]
    public T State { get; set; } = new();

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }
}
