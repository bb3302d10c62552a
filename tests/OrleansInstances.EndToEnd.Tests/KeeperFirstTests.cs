namespace OrleansInstances.EndToEnd.Tests;

/// <summary>The keeper is there before the silo and runs it, as in a container.</summary>
public sealed class KeeperFirstTests
{
    [Fact]
    public async Task It_starts_a_silo_that_dies_again_and_ends_with_it_and_all_instances_when_it_is_told_to()
    {
        await using var silo = new RunningSilo { IsBelowKeeper = true };
        await silo.StartAsync();
        Assert.Equal(silo.Pid, await ProcessTable.KeeperAsync(silo.Data));
        var cat = await silo.CreateAsync("/bin/cat");
        await silo.WaitForStateAsync(cat, "running");
        var process = Assert.Single(ProcessTable.OfInstance((string)cat["uuid"]!));

        await silo.KillBelowKeeperAsync();
        await silo.ReadyAsync();

        var adopted = await silo.GetAsync(cat);
        Assert.Equal(("running", 1), ((string?)adopted["state"], (int?)adopted["epoch"]));
        Assert.Equal([process], ProcessTable.OfInstance((string)cat["uuid"]!));

        Assert.Equal(0, await silo.InterruptAsync());
        Assert.Empty(ProcessTable.OfInstance((string)cat["uuid"]!));
        await silo.StartAsync();
        var ended = await silo.WaitForStateAsync(cat, "stopped");
        Assert.Equal((143, "SIGTERM"), ((int?)ended["exit_code"], (string?)ended["signal"]));
    }
}
