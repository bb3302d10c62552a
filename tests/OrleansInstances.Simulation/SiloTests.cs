using OrleansInstances.Instances;
using OrleansInstances.Storage;

namespace OrleansInstances.Simulation;

/// <summary>Silos that end, can't be reached, or hold the same grain, and storage that fails: what becomes of one instance's grain.</summary>
public sealed class SiloTests : IAsyncLifetime
{
    private readonly Guid _id = Guid.NewGuid();
    private SimulatedCluster _cluster = null!;
    private SimulatedSilo _home = null!;
    private SimulatedSilo _other = null!;

    public async Task InitializeAsync()
    {
        _cluster = await SimulatedCluster.StartAsync("a", "b", "c");
        var created = await _cluster["a"].Instance(_id).CreateAsync(new InstanceSpec { Name = "first", Command = ["/bin/cat"] }, "me", start: false);
        Assert.Null(created.Refusal);
        _home = _cluster.HomeOf(_id);
        _other = _cluster.Others(_home)[0];
    }

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task An_instance_outlives_the_silo_that_it_was_active_on()
    {
        await _home.KillAsync();

        Assert.Equal("first", await NameAsync(_other));
        Assert.NotSame(_home, _cluster.HomeOf(_id));
    }

    [Fact]
    public async Task An_instance_moves_on_when_its_silo_stops_in_order()
    {
        await _home.StopAsync();

        Assert.Equal("first", await NameAsync(_other));
    }

    [Fact]
    public async Task A_silo_that_starts_on_the_same_machine_is_one_of_the_cluster()
    {
        await _home.KillAsync();
        await _cluster.RestartAsync(_home.Name);

        await RenameAsync(_cluster[_home.Name], "second");

        Assert.Equal("second", await NameAsync(_other));
    }

    [Fact]
    public async Task A_silo_that_is_cut_off_changes_nothing()
    {
        await _home.CutOffAsync();

        var error = await Record.ExceptionAsync(() => RenameAsync(_home, "second"));

        Assert.IsAssignableFrom<OrleansException>(error);
        Assert.Equal("first", await NameAsync(_other));
        await RenameAsync(_other, "third");
        Assert.Equal("third", await NameAsync(_other));
    }

    [Fact]
    public async Task A_grain_that_is_active_twice_is_refused_its_write_when_the_other_one_has_written()
    {
        await _home.EvictAsync();
        await RenameAsync(_other, "second");
        Assert.Equal("first", await NameAsync(_home));

        var error = await Record.ExceptionAsync(() => RenameAsync(_home, "third"));

        Assert.IsType<Orleans.Storage.InconsistentStateException>(error);
        Assert.Equal("second", await NameAsync(_other));
    }

    [Fact]
    public async Task A_write_that_fails_is_not_done()
    {
        _home.Link.BeforeStorage = call => Fail(call, "IGrainStorage.WriteStateAsync");

        await Assert.ThrowsAsync<StorageUnavailableException>(() => RenameAsync(_other, "second"));

        _home.Link.BeforeStorage = _ => Task.CompletedTask;
        Assert.Equal("first", await NameAsync(_other));
    }

    [Fact]
    public async Task A_write_whose_answer_is_lost_is_done_and_seen()
    {
        _home.Link.AfterStorage = call => Fail(call, "IGrainStorage.WriteStateAsync");

        await Assert.ThrowsAsync<StorageUnavailableException>(() => RenameAsync(_other, "second"));

        _home.Link.AfterStorage = _ => Task.CompletedTask;
        Assert.Equal("second", await NameAsync(_other));
    }

    [Fact]
    public async Task A_write_that_is_late_when_its_silo_dies_is_not_done()
    {
        var reached = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        _home.Link.BeforeStorage = call =>
        {
            reached.TrySetResult();
            return release.Task;
        };
        var rename = RenameAsync(_other, "second");
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await _home.KillAsync();
        release.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(() => rename);
        Assert.Equal("first", await NameAsync(_other));
    }

    private async Task<string?> NameAsync(SimulatedSilo from) => (await from.Instance(_id).GetAsync()).Instance!.Spec.Name;

    private Task RenameAsync(SimulatedSilo from, string name) => from.Instance(_id).UpdateAsync(new InstancePatch { Name = name });

    private static Task Fail(string call, string failing) =>
        call == failing ? Task.FromException(new StorageUnavailableException("The disk is away.")) : Task.CompletedTask;
}
