using System.Collections.Immutable;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class InstanceCatalogTests : StoreTests
{
    public static TheoryData<string, CatalogQuery, int[]> Filters => new()
    {
        { "nothing", new(), [1, 2, 3, 4] },
        { "one status", new() { Statuses = [InstanceStatus.Running] }, [2, 3] },
        { "two statuses", new() { Statuses = [InstanceStatus.Running, InstanceStatus.Failed] }, [2, 3, 4] },
        { "deleted", new() { Statuses = [InstanceStatus.Deleted] }, [] },
        { "region", new() { Region = "eu" }, [2, 3] },
        { "node", new() { Node = "n1" }, [2, 4] },
        { "driver", new() { Driver = "docker" }, [3] },
        { "owner", new() { Owner = "bob" }, [3, 4] },
        { "name", new() { Name = "web-2" }, [2] },
        { "part of a name", new() { Name = "web" }, [] },
        { "name in another case", new() { Name = "WEB-2" }, [] },
        { "one label", new() { Labels = Samples.Map(("tier", "front")) }, [2, 3] },
        { "two labels", new() { Labels = Samples.Map(("tier", "front"), ("env", "test")) }, [3] },
        { "a label of another value", new() { Labels = Samples.Map(("tier", "back")) }, [] },
        { "all at once", new() { Statuses = [InstanceStatus.Running], Region = "eu", Driver = "docker", Owner = "bob", Name = "web-3", Labels = Samples.Map(("env", "test")) }, [3] },
        { "limit", new() { Limit = 2 }, [1, 2] },
        { "after", new() { After = 2 }, [3, 4] },
        { "after and limit in a filter", new() { Region = "eu", After = 2, Limit = 1 }, [3] },
        { "no room", new() { Limit = 0 }, [] },
    };

    /// <summary>All that a database may take for something else.</summary>
    protected virtual string Evil => "'; DROP TABLE instances; -- \" ` \\ % _ ? @id :x $1 [0] {} \0 \n\r\t ü 😀 \u2028";

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task A_list_and_its_counts_hold_exactly_what_matches(string by, CatalogQuery query, int[] numbers)
    {
        await StoreFleetAsync();

        var listed = await Catalog.ListAsync(query, default);
        var counts = await Catalog.CountAsync(query with { After = 0, Limit = null }, default);

        Assert.True(numbers.SequenceEqual(listed.Select(row => row.Number)), $"By {by}: {string.Join(' ', listed.Select(row => row.Number))}");
        if (query is { After: 0, Limit: null })
        {
            Assert.Equivalent(listed.CountBy(row => row.Status).ToDictionary(), counts, strict: true);
        }
    }

    [Fact]
    public async Task Only_the_ids_asked_for_are_listed_and_none_of_none()
    {
        var rows = Enumerable.Range(1, 4).Select(number => Samples.Snapshot(number)).ToArray();
        foreach (var row in rows)
        {
            await StoreAsync(row);
        }

        var query = new CatalogQuery { Ids = [rows[2].Id, rows[0].Id, Guid.NewGuid()] };

        Assert.Equal([1, 3], (await Catalog.ListAsync(query, default)).Select(row => row.Number));
        Assert.Equal([3], (await Catalog.ListAsync(query with { After = 1 }, default)).Select(row => row.Number));
        Assert.Equal(2, (await Catalog.CountAsync(query, default)).Values.Sum());
        Assert.Empty(await Catalog.ListAsync(query with { Name = "web-2" }, default));
        Assert.Empty(await Catalog.ListAsync(new CatalogQuery { Ids = [] }, default));
    }

    [Fact]
    public async Task A_row_comes_back_as_it_was_stored()
    {
        var full = Samples.Snapshot(7, version: 3) with
        {
            Spec = new InstanceSpec
            {
                Name = "full",
                Region = "eu",
                Node = "n1",
                Driver = "docker",
                Command = ["/bin/sh", "-c", "echo 'ü'"],
                Env = Samples.Map(("A", "1"), ("ü", "\"quoted\"")),
                Cwd = "/tmp",
                Stop = new StopSpec("SIGINT", 0),
                Restart = new RestartSpec(RestartPolicy.Always, 0, 1.5, 0, 3),
                Console = new ConsoleSpec(1024),
                Stdin = StdinMode.NeverEof,
                OnNodeLoss = NodeLossPolicy.Move,
                Labels = Samples.Map(("k", "v")),
            },
            Status = InstanceStatus.Backoff,
            Epoch = 9,
            Node = "n2",
            ExitCode = 137,
            Signal = "SIGKILL",
            Message = "waits",
            StartedAt = Samples.Noon.AddTicks(1234567),
            EndedAt = Samples.Noon.AddDays(1),
            DueAt = Samples.Noon.AddDays(2),
            Busy = true,
            ConsoleMark = long.MaxValue,
        };

        await StoreAsync(full);

        Assert.Equivalent(full, await Catalog.FindAsync(full.Id, default), strict: true);
    }

    [Fact]
    public async Task Sql_and_json_characters_are_only_characters()
    {
        var evil = Samples.Snapshot(1) with
        {
            Spec = new InstanceSpec { Name = Evil, Region = Evil, Driver = Evil, Command = [Evil], Cwd = Evil, Labels = Samples.Map((Evil, Evil)) },
            Owner = Evil,
            Node = Evil,
            Message = Evil,
        };
        var happened = Samples.Event(evil.Id, 1, Evil) with { Message = Evil, Metadata = Samples.Map((Evil, Evil)) };
        await StoreAsync(evil, happened);
        await StoreAsync(Samples.Snapshot(2));
        CatalogQuery[] queries =
        [
            new() { Name = Evil }, new() { Region = Evil }, new() { Driver = Evil }, new() { Owner = Evil },
            new() { Node = Evil }, new() { Labels = Samples.Map((Evil, Evil)) },
        ];

        foreach (var query in queries)
        {
            Assert.Equivalent(evil, Assert.Single(await Catalog.ListAsync(query, default)), strict: true);
        }

        var logged = await Events.ListAsync(evil.Id, 0, 10, [Evil], default);
        Assert.Equivalent(happened, Assert.Single(logged), strict: true);
    }

    [Fact]
    public async Task Grain_keys_and_state_names_may_hold_anything()
    {
        const string Evil = "'; DROP TABLE grain_state; -- \" % _ @key 😀";
        var held = new Held<PlainState> { State = { Text = Evil } };
        await Storage.WriteStateAsync(Evil, Samples.Grain(Evil), held);

        var read = new Held<PlainState>();
        await Storage.ReadStateAsync(Evil, Samples.Grain(Evil), read);

        Assert.Equal(Evil, read.State.Text);
    }

    [Fact]
    public async Task A_deleted_instance_is_not_found_though_its_state_is_still_there()
    {
        var snapshot = Samples.Snapshot(1) with { Status = InstanceStatus.Deleted };

        await StoreAsync(snapshot);

        Assert.Null(await Catalog.FindAsync(snapshot.Id, default));
        Assert.Empty(await Catalog.ListAsync(new CatalogQuery(), default));
        Assert.Empty(await Catalog.CountAsync(new CatalogQuery(), default));
    }

    [Fact]
    public async Task A_number_leads_to_its_id()
    {
        var id = Guid.NewGuid();
        var number = await Store.Part<IInstanceNumbers>().AllocateAsync(id);

        Assert.Equal(id, await Catalog.FindIdAsync(number, default));
        Assert.Equal(id, await Catalog.FindIdAsync(number, default));
        Assert.Null(await Catalog.FindIdAsync(number + 1, default));
    }

    [Fact]
    public async Task A_number_that_was_not_known_at_first_is_found_once_it_is_given()
    {
        var id = Guid.NewGuid();
        Assert.Null(await Catalog.FindIdAsync(1, default));

        await Store.Part<IInstanceNumbers>().AllocateAsync(id);

        Assert.Equal(id, await Catalog.FindIdAsync(1, default));
    }

    [Fact]
    public async Task Pages_of_ten_thousand_rows_hold_each_once()
    {
        const int Rows = 10_000;
        await Task.WhenAll(Enumerable.Range(1, Rows).Chunk(1000).Select(async numbers =>
        {
            foreach (var number in numbers)
            {
                await StoreAsync(Samples.Snapshot(number) with { Status = (InstanceStatus)(number % 3) });
            }
        }));
        var seen = new List<int>();

        for (var page = await PageAsync(0); page.Count > 0; page = await PageAsync(seen[^1]))
        {
            seen.AddRange(page.Select(row => row.Number));
        }

        Assert.Equal(Enumerable.Range(1, Rows), seen);
        Assert.Equal(Rows, (await Catalog.ListAsync(new CatalogQuery(), default)).Count);
        var counts = await Catalog.CountAsync(new CatalogQuery(), default);
        Assert.Equal(
            [(InstanceStatus.Pending, 3333), (InstanceStatus.Starting, 3334), (InstanceStatus.Running, 3333)],
            counts.OrderBy(count => count.Key).Select(count => (count.Key, count.Value)));

        Task<IReadOnlyList<InstanceSnapshot>> PageAsync(int after) =>
            Catalog.ListAsync(new CatalogQuery { After = after, Limit = 777 }, default);
    }

    private async Task StoreFleetAsync()
    {
        var one = Samples.Snapshot(1);
        var two = Samples.Snapshot(2) with { Status = InstanceStatus.Running, Node = "n1" };
        var three = Samples.Snapshot(3) with { Status = InstanceStatus.Running, Owner = "bob" };
        var four = Samples.Snapshot(4) with { Status = InstanceStatus.Failed, Owner = "bob", Node = "n1" };
        var five = Samples.Snapshot(5) with { Status = InstanceStatus.Deleted, Node = "n1" };
        ImmutableArray<InstanceSnapshot> fleet =
        [
            one,
            two with { Spec = two.Spec with { Region = "eu", Labels = Samples.Map(("tier", "front")) } },
            three with { Spec = three.Spec with { Region = "eu", Driver = "docker", Labels = Samples.Map(("tier", "front"), ("env", "test")) } },
            four with { Spec = four.Spec with { Labels = Samples.Map(("env", "test")) } },
            five with { Spec = five.Spec with { Region = "eu", Labels = Samples.Map(("tier", "front")) } },
        ];
        foreach (var snapshot in fleet)
        {
            await StoreAsync(snapshot);
        }
    }
}
