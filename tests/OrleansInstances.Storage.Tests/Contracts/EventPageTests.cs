using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Tests.Contracts;

/// <summary>Events of all instances together: one a second, of two instances of two owners, and two at the same time.</summary>
public abstract class EventPageTests : StoreTests
{
    private static readonly Guid First = new("10000000-0000-4000-8000-000000000000");
    private static readonly Guid Second = new("20000000-0000-4000-8000-000000000000");
    private static readonly Guid Gone = new("30000000-0000-4000-8000-000000000000");

    /// <summary>By instance and sequence, in the order of time.</summary>
    private static readonly string[] All = ["1.1", "1.2", "2.1", "2.2", "1.3", "3.1"];

    public static TheoryData<string, EventQuery, string[]> Filters => new()
    {
        { "nothing", new(), All },
        { "one instance", new() { Instances = [First] }, ["1.1", "1.2", "1.3"] },
        { "two instances and one that never was", new() { Instances = [Second, Gone, Guid.Empty] }, ["2.1", "2.2", "3.1"] },
        { "none", new() { Instances = [] }, [] },
        { "type", new() { Types = ["created"] }, ["1.1", "2.1", "3.1"] },
        { "types", new() { Types = ["created", "started", "unheard-of"] }, ["1.1", "1.2", "2.1", "2.2", "3.1"] },
        { "no type", new() { Types = [] }, [] },
        { "an impossible type", new() { Types = ["\0"] }, [] },
        { "owner", new() { Owner = "bob" }, ["2.1", "2.2", "3.1"] },
        { "nobody", new() { Owner = "nobody" }, [] },
        { "label", new() { Labels = Samples.Map(("tier", "front")) }, ["2.1", "2.2"] },
        { "labels", new() { Labels = Samples.Map(("tier", "front"), ("env", "test")) }, [] },
        { "since", new() { Since = Samples.Noon.AddSeconds(3) }, ["2.2", "1.3", "3.1"] },
        { "until", new() { Until = Samples.Noon.AddSeconds(3) }, ["1.1", "1.2", "2.1"] },
        { "all at once", new() { Instances = [Second], Types = ["started"], Owner = "bob", Labels = Samples.Map(("tier", "front")), Since = Samples.Noon, Until = Samples.Noon.AddHours(1) }, ["2.2"] },
    };

    protected override async Task PrepareAsync()
    {
        await StoreAsync(Samples.Snapshot(1, id: First), At(First, 1, 1, "created"), At(First, 2, 2, "started"), At(First, 3, 4, "stopped"));
        var second = Samples.Snapshot(2, id: Second) with { Owner = "bob" };
        await StoreAsync(
            second with { Spec = second.Spec with { Labels = Samples.Map(("tier", "front")) } }, At(Second, 1, 2, "created"), At(Second, 2, 3, "started"));
        var gone = Samples.Snapshot(3, id: Gone) with { Owner = "bob", Status = InstanceStatus.Deleted };
        await StoreAsync(gone with { Spec = gone.Spec with { Labels = Samples.Map(("tier", "front")) } }, At(Gone, 1, 5, "created"));
    }

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_page_holds_exactly_what_matches_either_way(string by, EventQuery query, string[] expected)
    {
        var ascending = await PageAsync(query, new(10));
        var descending = await PageAsync(query, new(10, Descending: true));

        Assert.True(expected.SequenceEqual(ascending), $"By {by}: {string.Join(' ', ascending)}");
        Assert.Equal(expected.Reverse(), descending);
    }

    [Theory]
    [InlineData(2, 0, false, new[] { "1.1", "1.2" })]
    [InlineData(2, 2, false, new[] { "2.1", "2.2" })]
    [InlineData(2, 5, false, new[] { "3.1" })]
    [InlineData(3, 0, true, new[] { "3.1", "1.3", "2.2" })]
    [InlineData(3, 4, true, new[] { "1.2", "1.1" })]
    [InlineData(3, int.MaxValue, true, new string[0])]
    [InlineData(0, 0, true, new string[0])]
    public async Task Pages_go_on_where_the_one_before_ended(int limit, int offset, bool descending, string[] expected) =>
        Assert.Equal(expected, await PageAsync(new(), new(limit, offset, descending)));

    [Fact]
    public async Task Each_comes_back_as_it_was_with_its_owner()
    {
        var logged = Assert.Single(await Events.PageAsync(new EventQuery { Instances = [Second], Types = ["started"] }, new(10), default));

        Assert.Equal("bob", logged.Owner);
        Assert.Equivalent(At(Second, 2, 3, "started"), logged.Event, strict: true);
    }

    private async Task<IEnumerable<string>> PageAsync(EventQuery query, PageRequest page) =>
        (await Events.PageAsync(query, page, default)).Select(logged => $"{logged.Event.InstanceId.ToString()[0]}.{logged.Event.Sequence}");

    private static InstanceEvent At(Guid id, long sequence, int second, string type) =>
        Samples.Event(id, sequence, type) with { At = Samples.Noon.AddSeconds(second) };
}
