namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Nothing of an instance stays behind, however it tries.</summary>
public sealed class ProcessTreeTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    /// <summary>A forked child, one in a session of its own, one whose parent has ended.</summary>
    private const string LeaveChildren = "sleep 1000 & setsid sleep 1000 & (sleep 1000 &) ; echo left; ";

    private readonly RunningSilo _silo = shared.Silo;

    [Fact]
    public async Task Nothing_of_the_tree_is_left_after_a_stop()
    {
        var parent = await _silo.CreateAsync("/bin/sh", "-c", LeaveChildren + "exec sleep 1000");
        var id = (string)parent["uuid"]!;
        await Eventually.Holds("the program and its three children", () => ProcessTable.OfInstance(id).Count == 4);
        await _silo.WaitForStateAsync(parent, "running");

        Assert.Equal("stopped", (string?)(await _silo.DoAsync(parent, "stop"))["state"]);

        Assert.Empty(ProcessTable.OfInstance(id));
    }

    [Fact]
    public async Task Nothing_of_the_tree_is_left_when_the_program_has_ended_by_itself()
    {
        var parent = await _silo.CreateAsync("/bin/sh", "-c", LeaveChildren + "read line; exit 3");
        var id = (string)parent["uuid"]!;
        await Eventually.Holds("the program and its three children", () => ProcessTable.OfInstance(id).Count == 4);
        await _silo.WaitForStateAsync(parent, "running");

        await _silo.InputAsync(parent, "go\n");

        var ended = await _silo.WaitForStateAsync(parent, "failed");
        Assert.Equal(3, (int?)ended["exit_code"]);
        Assert.Empty(ProcessTable.OfInstance(id));
    }

    [Fact]
    public async Task A_pause_stops_the_whole_tree()
    {
        var parent = await _silo.CreateAsync("/bin/sh", "-c", LeaveChildren + "exec sleep 1000");
        var id = (string)parent["uuid"]!;
        await Eventually.Holds("the program and its three children", () => ProcessTable.OfInstance(id).Count == 4);
        await _silo.WaitForStateAsync(parent, "running");

        await _silo.DoAsync(parent, "pause");
        Assert.All(ProcessTable.OfInstance(id), pid => Assert.Equal('T', ProcessTable.StateOf(pid)));

        await _silo.DoAsync(parent, "resume");
        await Eventually.Get(
            "all to sleep again",
            () => Task.FromResult(ProcessTable.OfInstance(id).Select(ProcessTable.StateOf).ToList()),
            states => states.Count == 4 && states.TrueForAll(state => state == 'S'));
    }
}
