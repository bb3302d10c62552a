using OrleansInstances.Instances;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class InstanceEventsTests : StoreTests
{
    private readonly InstanceSnapshot snapshot = Samples.Snapshot(1);

    protected override async Task PrepareAsync()
    {
        await StoreAsync(
            snapshot,
            Samples.Event(snapshot.Id, 3, InstanceEventTypes.Started),
            Samples.Event(snapshot.Id, 1, InstanceEventTypes.Created),
            Samples.Event(snapshot.Id, 2, InstanceEventTypes.Starting));
        var other = Samples.Snapshot(2);
        await StoreAsync(other, Samples.Event(other.Id, 1));
    }

    [Fact]
    public async Task Events_of_one_instance_come_in_order_and_as_they_were()
    {
        var listed = await Events.ListAsync(snapshot.Id, 0, 10, null, default);

        Assert.Equal([1, 2, 3], listed.Select(e => e.Sequence));
        Assert.Equivalent(Samples.Event(snapshot.Id, 1), listed[0], strict: true);
    }

    [Theory]
    [InlineData(0, 2, new long[] { 1, 2 })]
    [InlineData(1, 10, new long[] { 2, 3 })]
    [InlineData(3, 10, new long[0])]
    public async Task A_page_begins_after_a_sequence_and_ends_at_its_limit(long after, int limit, long[] sequences)
    {
        var listed = await Events.ListAsync(snapshot.Id, after, limit, null, default);

        Assert.Equal(sequences, listed.Select(e => e.Sequence));
    }

    [Fact]
    public async Task Only_the_types_asked_for_are_listed()
    {
        var listed = await Events.ListAsync(snapshot.Id, 0, 10, [InstanceEventTypes.Created, InstanceEventTypes.Started], default);
        var none = await Events.ListAsync(snapshot.Id, 0, 10, [], default);
        var impossible = await Events.ListAsync(snapshot.Id, 0, 10, ["\0"], default);

        Assert.Equal([1, 3], listed.Select(e => e.Sequence));
        Assert.Empty(none);
        Assert.Empty(impossible);
    }
}
