using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Instances;

/// <summary>What holds for every sequence of inputs, however senseless.</summary>
public sealed class InstanceLifecycleProperties
{
    private static readonly RestartSpec[] Policies = [new(RestartPolicy.Never), new(RestartPolicy.OnFailure, MaxAttempts: 2), new(RestartPolicy.Always)];

    public static Arbitrary<InstanceInput[]> Inputs() => Gen.OneOf(
            Gen.Elements<InstanceInput>(
                new InstanceInput.Start(), new InstanceInput.Stop(), new InstanceInput.Kill(), new InstanceInput.Pause(),
                new InstanceInput.Resume(), new InstanceInput.Restart(), new InstanceInput.Delete(), new InstanceInput.Due(),
                new InstanceInput.Update(new InstancePatch { Name = "x" }),
                new InstanceInput.OrderRefused(new Refusal(RefusalKind.Conflict, "stale", "no"))),
            from phase in Gen.Elements(Enum.GetValues<RunPhase>())
            from epoch in Gen.Choose(1, 4)
            from code in Gen.Elements<int?>(0, 1, null)
            from adopted in Gen.Elements(true, false)
            from health in Gen.Elements(Enum.GetValues<InstanceHealth>())
            select Given.Reported(phase, epoch, code, adopted: adopted, health: health))
        .ArrayOf()
        .ToArbitrary();

    [Property(Arbitrary = [typeof(InstanceLifecycleProperties)], MaxTest = 2000)]
    public void No_epoch_begins_before_the_one_before_it_is_known_to_be_over(InstanceInput[] inputs, byte policy)
    {
        var state = Create(policy);
        var running = new HashSet<long> { state.Snapshot!.Epoch };
        foreach (var input in inputs)
        {
            var next = InstanceLifecycle.Apply(state, input, Given.Context(Given.Now.AddDays(1))).State;
            var closes = input is InstanceInput.Reported { Report: { Phase: RunPhase.Exited or RunPhase.StartFailed or RunPhase.NoRoom } report }
                ? report.Run.Epoch
                : input is InstanceInput.OrderRefused && state.Snapshot!.Status == InstanceStatus.Starting ? state.Snapshot.Epoch : 0;
            running.Remove(closes);
            if (next.Snapshot!.Epoch != state.Snapshot!.Epoch)
            {
                Assert.Equal(state.Snapshot.Epoch + 1, next.Snapshot.Epoch);
                Assert.Equal(InstanceStatus.Starting, next.Snapshot.Status);
                Assert.Empty(running);
                running.Add(next.Snapshot.Epoch);
            }

            state = next;
        }
    }

    [Property(Arbitrary = [typeof(InstanceLifecycleProperties)], MaxTest = 2000)]
    public void Versions_grow_events_have_no_gaps_and_a_refusal_changes_nothing(InstanceInput[] inputs, byte policy)
    {
        var state = Create(policy);
        foreach (var input in inputs)
        {
            var transition = InstanceLifecycle.Apply(state, input, Given.Context(Given.Now.AddDays(1)));
            var next = transition.State;
            if (transition.Refusal is not null)
            {
                Assert.Same(state, next);
            }
            else if (!ReferenceEquals(state, next))
            {
                Assert.InRange(next.Snapshot!.Version, state.Snapshot!.Version + 1, long.MaxValue);
            }

            state = next;
        }

        Assert.Equal(Enumerable.Range(1, state.Outbox.Length).Select(i => (long)i), state.Outbox.Select(happened => happened.Sequence));
        Assert.Equal(state.LastEvent, state.Outbox[^1].Sequence);
    }

    [Property(Arbitrary = [typeof(InstanceLifecycleProperties)], MaxTest = 2000)]
    public void An_instance_is_busy_exactly_while_it_waits_for_the_outcome_of_an_order(InstanceInput[] inputs, byte policy)
    {
        var state = Create(policy);
        foreach (var input in inputs)
        {
            state = InstanceLifecycle.Apply(state, input, Given.Context(Given.Now.AddDays(1))).State;

            Assert.Equal(InstanceOrder.Of(state) is not null and not InstanceOrder.Remove, state.Snapshot!.Busy);
        }
    }

    private static InstanceState Create(byte policy)
    {
        var spec = Given.Spec with { Restart = Policies[policy % Policies.Length], Health = new HealthSpec { TcpPort = 80, Restart = policy % 2 == 0 } };
        return InstanceLifecycle.Apply(new InstanceState(), new InstanceInput.Create(Given.Id, 1, spec, "admin", true), Given.Context()).State;
    }
}
