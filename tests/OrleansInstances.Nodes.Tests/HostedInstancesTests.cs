using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

public sealed class HostedInstancesTests
{
    private readonly HostedInstances _instances = new(maxInstances: 1);
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
        Assert.True(_instances.TryTakePlace(instance));
        Assert.True(_instances.TryTakePlace(instance));
        Assert.False(_instances.TryTakePlace(other));

        Observe(1, RunRecordPhase.Running);
        Assert.False(_instances.TryTakePlace(other));
        Observe(1, RunRecordPhase.Exited);

        Assert.True(_instances.TryTakePlace(other));
    }

    [Fact]
    public void A_late_end_of_an_earlier_run_leaves_the_place_with_the_one_that_starts()
    {
        var instance = Observe(1, RunRecordPhase.Exited);
        Assert.True(_instances.TryTakePlace(instance));
        instance.OwnEpoch = 2;

        Observe(1, RunRecordPhase.Exited);

        Assert.False(_instances.TryTakePlace(_instances.GetOrAdd(Guid.NewGuid())));
    }

    [Fact]
    public void An_adopted_run_has_a_place_even_beyond_the_room()
    {
        Observe(1, RunRecordPhase.Running);
        _instances.Observe(ScriptedKeeper.Record(Guid.NewGuid(), 1, RunRecordPhase.Paused));
        var third = _instances.GetOrAdd(Guid.NewGuid());

        Observe(1, RunRecordPhase.Exited);

        Assert.False(_instances.TryTakePlace(third));
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
        Assert.True(_instances.TryTakePlace(ordered));
    }

    private HostedInstance Observe(long epoch, RunRecordPhase phase) => _instances.Observe(ScriptedKeeper.Record(_id, epoch, phase));
}
