using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Tests.Instances;

public sealed class InstanceNoteTests
{
    private static readonly InstanceInput Claimed = new InstanceInput.Noted(new InstanceNote("claimed", Given.Now.AddDays(-1), "By alice."));

    [Fact]
    public void What_happened_outside_is_in_the_log_once_with_its_own_time()
    {
        var state = Given.State(InstanceStatus.Stopped);

        var noted = InstanceLifecycle.Apply(state, Claimed, Given.Context()).State;
        var again = InstanceLifecycle.Apply(noted, Claimed, Given.Context());
        var other = InstanceLifecycle.Apply(noted, new InstanceInput.Noted(new InstanceNote("verified", Given.Now, "Verified.")), Given.Context());

        var happened = Assert.Single(noted.Outbox);
        Assert.Equal(("claimed", Given.Now.AddDays(-1), "By alice."), (happened.Type, happened.At, happened.Message));
        Assert.Equal(state.Snapshot!.Status, noted.Snapshot!.Status);
        Assert.Same(noted, again.State);
        Assert.Equal(["claimed", "verified"], Given.EventsOf(other));
    }

    [Fact]
    public void Nothing_is_noted_of_what_is_gone() =>
        Assert.Equal(Refusal.NotFound, InstanceLifecycle.Apply(Given.State(InstanceStatus.Deleted), Claimed, Given.Context()).Refusal);
}
