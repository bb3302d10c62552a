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
        { "those whose checks fail", new() { Unhealthy = true }, [1, 2, 4] },
        { "those whose checks don't fail", new() { Unhealthy = false }, [1, 3, 4] },
        { "running ones whose checks fail", new() { Statuses = [InstanceStatus.Running], Unhealthy = true }, [2] },
        { "app", new() { AppId = "a" }, [2, 3] },
        { "service", new() { ServiceId = "s2" }, [2] },
        { "deployment", new() { DeploymentId = "d2" }, [2] },
        { "regional deployment", new() { RegionalDeploymentId = "r2" }, [2] },
        { "allocation", new() { AllocationId = "l2" }, [2] },
        { "replica", new() { ReplicaIndex = 2 }, [2] },
        { "the first replica, which all are that don't say", new() { ReplicaIndex = 0 }, [1, 3, 4] },
        { "a part of another's", new() { AppId = "a", ServiceId = "s3" }, [] },
        { "a time before any", During(null, -1), [] },
        { "the time of the first", During(null, 0), [1] },
        { "a time up to when one began", During(0, 10), [1, 2, 4] },
        { "a time between", During(5, 9), [1] },
        { "a time after one came to rest", During(21, null), [1, 2, 3] },
        { "the moment at which it came to rest", During(20, 20), [1, 2, 4] },
        { "the moment of the question", During(100, null), [1, 2, 3] },
        { "a time that is still to come", During(101, null), [] },
        { "all of time", During(null, null), [1, 2, 3, 4] },
        { "all at once", new() { Statuses = [InstanceStatus.Running], Region = "eu", Driver = "docker", Owner = "bob", Name = "web-3", Labels = Samples.Map(("env", "test")) }, [3] },
        { "limit", new() { Limit = 2 }, [1, 2] },
        { "after", new() { After = 2 }, [3, 4] },
        { "after and limit in a filter", new() { Region = "eu", After = 2, Limit = 1 }, [3] },
        { "no room", new() { Limit = 0 }, [] },
    };

    /// <summary>By the minutes of the fleet; it is asked in the hundredth.</summary>
    private static CatalogQuery During(int? from, int? to) => new()
    {
        Period = new(
            from is { } start ? Samples.Noon.AddMinutes(start) : null,
            to is { } end ? Samples.Noon.AddMinutes(end) : null,
            Samples.Noon.AddMinutes(100)),
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
            var page = await Catalog.PageAsync(query, new PageRequest(10), default);
            Assert.Equal(numbers.Length, page.Total);
            Assert.Equal(numbers.Order(), page.Instances.Select(row => row.Number).Order());
            Assert.Equivalent(listed.CountBy(row => row.Status).ToDictionary(), counts, strict: true);
        }
    }

    [Theory]
    [InlineData(10, 0, false, "ABCDE")]
    [InlineData(10, 0, true, "EDCBA")]
    [InlineData(2, 0, false, "AB")]
    [InlineData(2, 1, true, "DC")]
    [InlineData(2, 4, false, "E")]
    [InlineData(2, 5, false, "")]
    [InlineData(0, 0, true, "")]
    [InlineData(10, int.MaxValue, true, "")]
    public async Task A_page_is_by_creation_then_id_and_knows_how_many_there_are(int limit, int offset, bool descending, string names)
    {
        foreach (var (number, (name, second)) in new[] { ("D", 2), ("B", 1), ("A", 0), ("C", 1), ("E", 3) }.Index())
        {
            var id = new Guid($"{name}0000000-0000-4000-8000-000000000000");
            await StoreAsync(Samples.Snapshot(number + 1, id: id) with { CreatedAt = Samples.Noon.AddSeconds(second) });
        }

        await StoreAsync(Samples.Snapshot(6) with { Status = InstanceStatus.Deleted });

        var page = await Catalog.PageAsync(new CatalogQuery { Limit = 1, After = 3 }, new PageRequest(limit, offset, descending), default);

        Assert.Equal((5, names), (page.Total, string.Concat(page.Instances.Select(row => row.Id.ToString("D").ToUpperInvariant()[0]))));
    }

    [Fact]
    public async Task What_a_row_is_found_by_follows_its_state()
    {
        var held = await StoreAsync(Samples.Snapshot(1) with { Status = InstanceStatus.Running });
        var (spec, found) = (held.State.Snapshot!.Spec, new CatalogQuery { AppId = "a", ReplicaIndex = 1, Unhealthy = true, Period = new(null, Samples.Noon.AddMinutes(2), Samples.Noon.AddMinutes(9)) });
        Assert.Empty(await Catalog.ListAsync(found, default));

        held.State.Snapshot = held.State.Snapshot with
        {
            Version = 2,
            Spec = spec with { Deployment = new DeploymentSpec { AppId = "a", ReplicaIndex = 1 } },
            Health = InstanceHealth.Unhealthy,
            FirstStartedAt = Samples.Noon.AddMinutes(1),
        };
        await StoreAsync(held);
        Assert.Single(await Catalog.ListAsync(found, default));

        held.State.Snapshot = held.State.Snapshot with { Version = 3, Spec = spec };
        await StoreAsync(held);
        Assert.Empty(await Catalog.ListAsync(found, default));
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
                Deployment = new DeploymentSpec { AppId = "a", ServiceId = "s", DeploymentId = "d", RegionalDeploymentId = "r", AllocationId = "l", ReplicaIndex = 1, Type = "nano", Datacenter = "fra1" },
            },
            FirstStartedAt = Samples.Noon.AddTicks(7654321),
            CompletedAt = Samples.Noon.AddDays(3),
            Region = "fra",
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
            Spec = new InstanceSpec
            {
                Name = Evil,
                Region = Evil,
                Driver = Evil,
                Command = [Evil],
                Cwd = Evil,
                Labels = Samples.Map((Evil, Evil)),
                Deployment = new DeploymentSpec { AppId = Evil, ServiceId = Evil, DeploymentId = Evil, RegionalDeploymentId = Evil, AllocationId = Evil },
            },
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
            new() { AppId = Evil }, new() { ServiceId = Evil }, new() { DeploymentId = Evil }, new() { RegionalDeploymentId = Evil }, new() { AllocationId = Evil },
        ];

        foreach (var query in queries)
        {
            Assert.Equivalent(evil, Assert.Single(await Catalog.ListAsync(query, default)), strict: true);
        }

        var logged = await Events.ListAsync(evil.Id, new() { Types = [Evil] }, 0, 10, default);
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
        var deployment = new DeploymentSpec
        {
            AppId = "a",
            ServiceId = "s2",
            DeploymentId = "d2",
            RegionalDeploymentId = "r2",
            AllocationId = "l2",
            ReplicaIndex = 2,
        };
        ImmutableArray<InstanceSnapshot> fleet =
        [
            one,
            two with
            {
                Spec = two.Spec with { Region = "eu", Labels = Samples.Map(("tier", "front")), Deployment = deployment },
                Health = InstanceHealth.Unhealthy,
                FirstStartedAt = Samples.Noon.AddMinutes(10),
            },
            three with
            {
                Spec = three.Spec with
                {
                    Region = "eu", Driver = "docker", Labels = Samples.Map(("tier", "front"), ("env", "test")), Deployment = new() { AppId = "a" },
                },
                Health = InstanceHealth.Healthy,
                FirstStartedAt = Samples.Noon.AddMinutes(30),
                EndedAt = Samples.Noon.AddMinutes(31),
            },
            four with
            {
                Spec = four.Spec with { Labels = Samples.Map(("env", "test")) },
                Health = InstanceHealth.Unhealthy,
                FirstStartedAt = Samples.Noon.AddMinutes(10),
                EndedAt = Samples.Noon.AddMinutes(20),
            },
            five with { Spec = five.Spec with { Region = "eu", Labels = Samples.Map(("tier", "front")) } },
        ];
        foreach (var snapshot in fleet)
        {
            await StoreAsync(snapshot);
        }
    }
}
