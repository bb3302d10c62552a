using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

public sealed class HostedInstancesTests
{
    private readonly HostedInstances _instances = new(maxInstances: 1, new NodeRoom(4, 1000));
    private readonly Guid _id = Guid.NewGuid();

    [Fact]
    public void A_record_never_goes_back_to_an_earlier_epoch_or_from_its_end()
    {
        var instance = Observe(2, RunRecordPhase.Running);
        Observe(1, RunRecordPhase.Running);
        Assert.Equal(2, instance.Record!.Epoch);

        Observe(2, RunRecordPhase.Paused);
        Assert.Equal(RunRecordPhase.Paused, instance.Record!.Phase);
        Observe(2, RunRecordPhase.Exited);
        Observe(2, RunRecordPhase.Running);
        Assert.Equal(RunRecordPhase.Exited, instance.Record!.Phase);

        Observe(3, RunRecordPhase.Running);
        Assert.Equal((3, RunRecordPhase.Running), (instance.Record!.Epoch, instance.Record.Phase));
    }

    [Fact]
    public void A_place_is_taken_once_and_given_back_by_the_end()
    {
        var instance = _instances.GetOrAdd(_id);
        var other = _instances.GetOrAdd(Guid.NewGuid());
        Assert.Null(_instances.TryTakePlace(instance, default));
        Assert.Null(_instances.TryTakePlace(instance, default));
        Assert.NotNull(_instances.TryTakePlace(other, default));

        Observe(1, RunRecordPhase.Running);
        Assert.NotNull(_instances.TryTakePlace(other, default));
        Observe(1, RunRecordPhase.Exited);

        Assert.Null(_instances.TryTakePlace(other, default));
    }

    [Fact]
    public void A_late_end_of_an_earlier_run_leaves_the_place_with_the_one_that_starts()
    {
        var instance = Observe(1, RunRecordPhase.Exited);
        Assert.Null(_instances.TryTakePlace(instance, default));
        instance.OwnEpoch = 2;

        Observe(1, RunRecordPhase.Exited);

        Assert.NotNull(_instances.TryTakePlace(_instances.GetOrAdd(Guid.NewGuid()), default));
    }

    [Fact]
    public void An_adopted_run_has_a_place_even_beyond_the_room()
    {
        Observe(1, RunRecordPhase.Running);
        _instances.Observe(ScriptedKeeper.Record(Guid.NewGuid(), 1, RunRecordPhase.Paused));
        var third = _instances.GetOrAdd(Guid.NewGuid());

        Observe(1, RunRecordPhase.Exited);

        Assert.NotNull(_instances.TryTakePlace(third, default));
        Assert.Single(_instances.Alive());
    }

    [Fact]
    public void What_the_keeper_no_longer_lists_is_forgotten_unless_it_has_orders()
    {
        Observe(1, RunRecordPhase.Running);
        var ordered = _instances.GetOrAdd(Guid.NewGuid());
        ordered.Orders.TryAdd(new ListRequest(), out _);

        _instances.ObserveAll([]);

        Assert.False(_instances.TryFind(_id, out _));
        Assert.True(_instances.TryFind(ordered.Id, out _));
        Assert.Null(_instances.TryTakePlace(ordered, default));
    }

    private HostedInstance Observe(long epoch, RunRecordPhase phase) => _instances.Observe(ScriptedKeeper.Record(_id, epoch, phase));
}
