using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

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
        var listed = await Events.ListAsync(snapshot.Id, new(), 0, 10, default);

        Assert.Equal([1, 2, 3], listed.Select(e => e.Sequence));
        Assert.Equivalent(Samples.Event(snapshot.Id, 1), listed[0], strict: true);
    }

    [Theory]
    [InlineData(0, 2, new long[] { 1, 2 })]
    [InlineData(1, 10, new long[] { 2, 3 })]
    [InlineData(3, 10, new long[0])]
    public async Task A_page_begins_after_a_sequence_and_ends_at_its_limit(long after, int limit, long[] sequences)
    {
        var listed = await Events.ListAsync(snapshot.Id, new(), after, limit, default);

        Assert.Equal(sequences, listed.Select(e => e.Sequence));
    }

    [Fact]
    public async Task Only_the_types_asked_for_are_listed()
    {
        var listed = await Events.ListAsync(snapshot.Id, new() { Types = [InstanceEventTypes.Created, InstanceEventTypes.Started] }, 0, 10, default);
        var none = await Events.ListAsync(snapshot.Id, new() { Types = [] }, 0, 10, default);
        var impossible = await Events.ListAsync(snapshot.Id, new() { Types = ["\0"] }, 0, 10, default);

        Assert.Equal([1, 3], listed.Select(e => e.Sequence));
        Assert.Empty(none);
        Assert.Empty(impossible);
    }

    [Theory]
    [InlineData(2, null, new long[] { 2, 3 })]
    [InlineData(null, 2, new long[] { 1 })]
    [InlineData(2, 3, new long[] { 2 })]
    public async Task Times_bound_what_is_listed_the_end_excluded(int? since, int? until, long[] sequences)
    {
        var query = new EventQuery
        {
            Since = since is { } from ? Samples.Noon.AddSeconds(from) : null,
            Until = until is { } to ? Samples.Noon.AddSeconds(to) : null,
        };

        Assert.Equal(sequences, (await Events.ListAsync(snapshot.Id, query, 0, 10, default)).Select(e => e.Sequence));
        Assert.Equal(sequences, (await Events.PageAsync(query with { Instances = [snapshot.Id] }, new(10), default)).Select(e => e.Event.Sequence));
    }

    [Fact]
    public async Task The_owner_is_known_as_long_as_an_event_is()
    {
        Assert.Equal("alice", await Events.FindOwnerAsync(snapshot.Id, default));
        Assert.Null(await Events.FindOwnerAsync(Guid.NewGuid(), default));

        await Events.ForgetAsync(Samples.Noon.AddSeconds(3), 100, default);
        Assert.Equal("alice", await Events.FindOwnerAsync(snapshot.Id, default));
        await Events.ForgetAsync(Samples.Noon.AddSeconds(4), 100, default);
        Assert.Null(await Events.FindOwnerAsync(snapshot.Id, default));
    }

    [Fact]
    public async Task The_oldest_are_forgotten_first_and_no_more_than_asked_for()
    {
        Assert.Equal(2, await Events.ForgetAsync(Samples.Noon.AddSeconds(3), 2, default));
        Assert.Equal(1, await Events.ForgetAsync(Samples.Noon.AddSeconds(3), 2, default));
        Assert.Equal(0, await Events.ForgetAsync(Samples.Noon.AddSeconds(3), 2, default));

        Assert.Equal([(snapshot.Id, 3L)], (await Events.PageAsync(new(), new(10), default)).Select(logged => (logged.Event.InstanceId, logged.Event.Sequence)));
    }
}
