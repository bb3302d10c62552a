using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;
using static OrleansInstances.Storage.Tests.Contracts.LaunchSamples;

namespace OrleansInstances.Storage.Tests.Contracts;

public abstract class ChuteInventoryTests : StoreTests
{
    private IChuteInventory Inventory => Store.Part<IChuteInventory>();

    [Fact]
    public async Task What_was_saved_is_found_and_listed_as_it_was()
    {
        var chute = Chute("c1", gpus: 2) with { NodeSelector = new NodeSelector(2, 40) { Include = ["a6000"], Exclude = ["h100"] }, ImageId = "i", Code = "print('\u0000')" };
        var job = Job("j1", "c1");
        await Inventory.SaveAsync(new ChuteInventory { Miners = [Miner("alice"), new ChuteMiner("bob", "cold", 8, "bad")], Chutes = [chute], Gpus = [Gpu("g1")], Jobs = [job] }, default);

        Assert.Equal("bad", (await Inventory.FindMinerAsync("bob", default))!.BlacklistReason);
        var found = (await Inventory.FindChuteAsync("c1", default))!;
        Assert.Equal((chute.Name, chute.Code, 2, 40, "a6000", "h100"), (found.Name, found.Code, found.NodeSelector.GpuCount, found.NodeSelector.MinVramGbPerGpu, found.NodeSelector.Include.Single(), found.NodeSelector.Exclude.Single()));
        Assert.Equal(Gpu("g1"), await Inventory.FindGpuAsync("g1", default));
        var foundJob = (await Inventory.FindJobAsync("j1", default))!.Job;
        Assert.Equal((job.Method, job.Args, job.DiskGb, job.Ports.Single()), (foundJob.Method, foundJob.Args, foundJob.DiskGb, foundJob.Ports.Single()));
        Assert.Equal(["alice", "bob"], (await Inventory.ListMinersAsync(null, 10, default)).Select(miner => miner.Hotkey));
        Assert.Equal(["bob"], (await Inventory.ListMinersAsync("alice", 10, default)).Select(miner => miner.Hotkey));
        Assert.Single(await Inventory.ListMinersAsync(null, 1, default));
        Assert.Equal(["c1"], (await Inventory.ListChutesAsync(null, 10, default)).Select(listed => listed.ChuteId));
        Assert.Equal(["g1"], (await Inventory.ListGpusAsync(null, 10, default)).Select(listed => listed.Uuid));
        Assert.Equal(["j1"], (await Inventory.ListJobsAsync(null, 10, default)).Select(listed => listed.Job.JobId));
    }

    [Fact]
    public async Task What_is_saved_again_is_replaced_and_the_rest_stays()
    {
        await Inventory.SaveAsync(new ChuteInventory { Miners = [Miner("alice"), Miner("bob")], Chutes = [Chute("c1")], Jobs = [Job("j1", "c1")] }, default);

        await Inventory.SaveAsync(new ChuteInventory { Miners = [Miner("alice") with { Uid = 9 }], Jobs = [Job("j1", "c1") with { Method = "other" }] }, default);

        Assert.Equal([9, 7], (await Inventory.ListMinersAsync(null, 10, default)).Select(miner => miner.Uid));
        Assert.Equal("other", (await Inventory.FindJobAsync("j1", default))!.Job.Method);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task What_is_not_there_is_not_found(string key)
    {
        Assert.Null(await Inventory.FindMinerAsync(key, default));
        Assert.Null(await Inventory.FindChuteAsync(key, default));
        Assert.Null(await Inventory.FindGpuAsync(key, default));
        Assert.Null(await Inventory.FindJobAsync(key, default));
        foreach (var kind in Enum.GetValues<ChuteInventoryKind>())
        {
            Assert.Equal(InventoryDeletion.NotFound, await Inventory.DeleteAsync(kind, key, default));
        }
    }

    [Fact]
    public async Task What_an_instance_uses_is_not_deleted_before_it()
    {
        var launches = Store.Part<Grains.Launches.ILaunchStore>();
        await Inventory.SaveAsync(World(1, Chute("c1")) with { Jobs = [Job("j1", "c1")] }, default);
        // In an order in which none keeps another.
        (ChuteInventoryKind, string)[] all = [(ChuteInventoryKind.Gpu, "g0"), (ChuteInventoryKind.Job, "j1"), (ChuteInventoryKind.Chute, "c1"), (ChuteInventoryKind.Miner, "alice")];
        var config = await launches.IssueAsync("c1", job: "j1");
        var claimed = await launches.ClaimAsync(config, [new PortMapping(8000, 9000, "tcp"), new PortMapping(2222, 9001, "tcp")], "g0");
        Assert.Null(claimed.Decision.Refusal);

        foreach (var (kind, key) in all)
        {
            Assert.Equal(InventoryDeletion.InUse, await Inventory.DeleteAsync(kind, key, default));
        }

        await launches.DeleteAsync(claimed.Instance!.Shown);

        Assert.Equal(InventoryDeletion.InUse, await Inventory.DeleteAsync(ChuteInventoryKind.Chute, "c1", default));
        Assert.Equal(InventoryDeletion.InUse, await Inventory.DeleteAsync(ChuteInventoryKind.Miner, "alice", default));
        foreach (var (kind, key) in all)
        {
            Assert.Equal(InventoryDeletion.Deleted, await Inventory.DeleteAsync(kind, key, default));
        }

        Assert.Null(await Inventory.FindMinerAsync("alice", default));
    }

    [Fact]
    public async Task What_refers_to_nothing_is_not_saved_nor_what_comes_with_it()
    {
        Assert.Equal(
            new MissingReference(ChuteInventoryKind.Gpu, "g2", "carol"),
            await Inventory.SaveAsync(new ChuteInventory { Miners = [Miner("alice")], Gpus = [Gpu("g1"), Gpu("g2", "carol")] }, default));
        Assert.Equal(
            new MissingReference(ChuteInventoryKind.Job, "j1", "c1\0"),
            await Inventory.SaveAsync(new ChuteInventory { Miners = [Miner("alice")], Jobs = [Job("j1", "c1\0")] }, default));
        Assert.Empty(await Inventory.ListMinersAsync(null, 10, default));
        Assert.Empty(await Inventory.ListGpusAsync(null, 10, default));

        // What is stored counts as well as what comes with it.
        Assert.Null(await Inventory.SaveAsync(World(0, Chute("c1")), default));
        Assert.Null(await Inventory.SaveAsync(new ChuteInventory { Gpus = [Gpu("g1")], Jobs = [Job("j1", "c1")] }, default));
    }

    /// <summary>Whoever is first: no GPU without its miner, no job without its chute.</summary>
    [Fact]
    public async Task Nothing_is_deleted_from_under_what_is_being_saved()
    {
        for (var round = 0; round < 10; round++)
        {
            await Inventory.SaveAsync(new ChuteInventory { Miners = [Miner("alice")], Chutes = [Chute("c1")] }, default);

            var gpu = Inventory.SaveAsync(new ChuteInventory { Gpus = [Gpu("g1")] }, default);
            var miner = Inventory.DeleteAsync(ChuteInventoryKind.Miner, "alice", default);
            var job = Inventory.SaveAsync(new ChuteInventory { Jobs = [Job("j1", "c1")] }, default);
            var chute = Inventory.DeleteAsync(ChuteInventoryKind.Chute, "c1", default);

            Assert.Equal(await gpu is null ? InventoryDeletion.InUse : InventoryDeletion.Deleted, await miner);
            Assert.Equal(await job is null ? InventoryDeletion.InUse : InventoryDeletion.Deleted, await chute);
            Assert.Equal(await gpu is null, await Inventory.DeleteAsync(ChuteInventoryKind.Gpu, "g1", default) == InventoryDeletion.Deleted);
            Assert.Equal(await job is null, await Inventory.DeleteAsync(ChuteInventoryKind.Job, "j1", default) == InventoryDeletion.Deleted);
        }
    }

    [Fact]
    public async Task A_gpu_that_changes_hands_keeps_its_new_miner_only()
    {
        await Inventory.SaveAsync(new ChuteInventory { Miners = [Miner("alice"), Miner("bob")], Gpus = [Gpu("g1")] }, default);

        await Inventory.SaveAsync(new ChuteInventory { Gpus = [Gpu("g1", "bob")] }, default);

        Assert.Equal(InventoryDeletion.Deleted, await Inventory.DeleteAsync(ChuteInventoryKind.Miner, "alice", default));
        Assert.Equal(InventoryDeletion.InUse, await Inventory.DeleteAsync(ChuteInventoryKind.Miner, "bob", default));
    }
}
