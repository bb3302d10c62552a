using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Tests.Failover;

/// <summary>At most one running copy, whatever is lost, late or repeated, in whatever order.</summary>
public sealed class FailoverProperties
{
    private const int Steps = 250;

    /// <summary>
    /// A renewal is taken just before the table's clock jumps, the node is revoked, and its keeper is told of the renewal only
    /// when the wait is nearly over. Chance makes this about never.
    /// </summary>
    private static readonly int[] ToldLate =
    [
        Give, OfBeta(Renew), OfBeta(Renew), JumpClock, WatchBeta, Tick, Tick, Tick, Tick, Tick,
        OfBeta(Renew), Renew, Renew, Renew, Tick, WatchBeta, Refresh, Due, Give,
    ];

    /// <summary>A node is revoked although it is well, and goes on renewing. Chance makes this seldom.</summary>
    private static readonly int[] RevokedWhileWell =
    [
        Give, JumpClock, WatchBeta, Tick, Tick, Tick, OfBeta(Renew), OfBeta(Renew), OfBeta(Renew), Renew, Renew, Renew,
        Tick, Tick, Tick, WatchBeta, Refresh, Due, Give,
    ];

    private const int Tick = 0;
    private const int WatchBeta = 7 + 64;
    private const int Refresh = 11;
    private const int Due = 14;
    private const int Give = 17 + 64;
    private const int Renew = 23;
    private const int JumpClock = 31 + (2 * 64);

    public static Arbitrary<int[]> Histories() => Gen.Choose(0, 1 << 20).ArrayOf(Steps).ToArbitrary();

    [Property(Arbitrary = [typeof(FailoverProperties)], MaxTest = 4000)]
    public void What_may_move_never_runs_twice_and_in_the_end_where_it_is_said_to(int[] history) => Live(NodeLossPolicy.Move, history);

    [Property(Arbitrary = [typeof(FailoverProperties)], MaxTest = 2000)]
    public void What_waits_for_its_node_never_begins_elsewhere_while_its_first_run_may_live(int[] history) => Live(NodeLossPolicy.Wait, history);

    [Fact]
    public void The_histories_lead_to_moves()
    {
        var epochs = Samples(200).Select(history =>
        {
            var model = new FailoverModel(NodeLossPolicy.Move, new FailoverRules());
            Array.ForEach(history, model.Step);
            return model.State.Outbox.Count(happened => happened.Type == InstanceEventTypes.Moved && model.State.Outbox.Any(other => other.Type == InstanceEventTypes.Lost));
        });

        Assert.InRange(epochs.Count(moves => moves > 0), 20, 200);
    }

    [Theory]
    [InlineData(nameof(FailoverRules.KeeperKills))]
    [InlineData(nameof(FailoverRules.WaiterWaits))]
    [InlineData(nameof(FailoverRules.RevokedCannotRenew))]
    [InlineData(nameof(FailoverRules.RejoinKills))]
    [InlineData(nameof(FailoverRules.NodeRefusesOtherIncarnations))]
    [InlineData(nameof(FailoverRules.LeaseCountsFromBeforeSending))]
    public void Without_any_one_of_the_rules_there_are_two(string broken)
    {
        var rules = new FailoverRules();
        typeof(FailoverRules).GetProperty(broken)!.SetValue(rules, false);

        Assert.Contains(Samples(20_000).Prepend(ToldLate).Prepend(RevokedWhileWell), history =>
        {
            var model = new FailoverModel(NodeLossPolicy.Move, rules);
            return history.Any(step =>
            {
                model.Step(step);
                return model.Alive > 1;
            });
        });
    }

    private static void Live(NodeLossPolicy policy, int[] history)
    {
        var model = new FailoverModel(policy, new FailoverRules());
        foreach (var step in history)
        {
            model.Step(step);
            Assert.InRange(model.Alive, 0, 1);
        }

        model.Settle();

        Assert.InRange(model.Alive, 0, 1);
        var instance = model.State.Snapshot!;
        Assert.True(instance is { Busy: false, Status: not InstanceStatus.Lost }, $"It is {instance.Status}: {instance.Message}");
        Assert.Equal(instance.Status == InstanceStatus.Running ? instance.Node : null, model.RunsOn);
    }

    [Fact]
    public void A_renewal_that_the_keeper_hears_of_late_is_counted_from_when_it_was_sent() => Live(NodeLossPolicy.Move, ToldLate);

    [Fact]
    public void A_node_that_is_revoked_while_it_is_well_runs_nothing_that_moves_when_that_is_fenced() => Live(NodeLossPolicy.Move, RevokedWhileWell);

    private static int OfBeta(int step) => step + 32;

    /// <summary>The same ones each time.</summary>
    private static IEnumerable<int[]> Samples(int count)
    {
        var random = new Random(4711);
        for (var i = 0; i < count; i++)
        {
            yield return [.. Enumerable.Range(0, Steps).Select(_ => random.Next(1 << 20))];
        }
    }
}
