using System.Text.Json;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>What an earlier release stored is read, and goes on.</summary>
public sealed class StoredStateTests
{
    private static readonly JsonSerializerOptions AsStored = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [Fact]
    public void A_state_without_anything_that_came_later_is_read_and_can_be_started()
    {
        var old = JsonSerializer.Deserialize<InstanceState>(
            """
            {"snapshot":{"id":"0c0ffee0-0000-4000-8000-000000000001","number":1,"version":5,"spec":{"driver":"process","command":["/bin/cat"],"on_node_loss":1},
             "owner":"admin","status":7,"epoch":2,"node":"alpha","created_at":"2026-01-01T00:00:00+00:00","updated_at":"2026-01-01T00:00:00+00:00"},"last_event":10,"outbox":[]}
            """,
            AsStored)!;

        var started = InstanceLifecycle.Apply(old, new InstanceInput.Start(), Given.Context()).State;

        Assert.Equal((InstanceStatus.Starting, 3L), (started.Snapshot!.Status, started.Snapshot.Epoch));
        Assert.Equal(["starting"], started.Outbox.Select(happened => happened.Type));
    }
}
