using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using OrleansInstances.Grains.Launches;
using OrleansInstances.Launches;
using static OrleansInstances.Launches.LaunchStatus;

namespace OrleansInstances.Grains.Tests.Launches;

/// <summary>What holds for every sequence of inputs, however senseless.</summary>
public sealed class LaunchLifecycleProperties
{
    private static readonly (LaunchStatus From, Type Input, LaunchStatus To)[] Transitions =
    [
        (Issued, typeof(LaunchInput.Claim), Claimed),
        (Issued, typeof(LaunchInput.Fail), Failed),
        (Issued, typeof(LaunchInput.Expire), Expired),
        (Claimed, typeof(LaunchInput.Verify), Verified),
        (Claimed, typeof(LaunchInput.Fail), Failed),
        (Claimed, typeof(LaunchInput.Expire), Expired),
        (Verified, typeof(LaunchInput.Activate), Activated),
        (Verified, typeof(LaunchInput.Expire), Expired),
    ];

    public static Arbitrary<LaunchInput[]> Inputs() => Gen.OneOf(
            Gen.Elements<LaunchInput>(new LaunchInput.Verify(), new LaunchInput.Activate(), new LaunchInput.Fail("no"), new LaunchInput.Expire("late")),
            from seed in Gen.Choose(1, 9)
            select (LaunchInput)new LaunchInput.Claim(Guid.NewGuid(), seed))
        .ArrayOf()
        .ToArbitrary();

    [Property(Arbitrary = [typeof(LaunchLifecycleProperties)], MaxTest = 2000)]
    public void Every_step_is_one_of_the_model_and_everything_else_is_none(LaunchInput[] inputs)
    {
        var config = Told.Facts.Config!;
        foreach (var (input, i) in inputs.Select((input, i) => (input, i)))
        {
            var now = Told.Now.AddSeconds(i);
            var next = LaunchLifecycle.Apply(config, input, now);

            var expected = Transitions.Where(step => step.From == config.Status && step.Input == input.GetType()).Select(step => (LaunchStatus?)step.To).SingleOrDefault();
            Assert.Equal(expected, next?.Status);
            if (next is null)
            {
                continue;
            }

            Assert.Equal(config.Version + 1, next.Version);
            AssertDates(config, next, now);
            config = next;
        }
    }

    [Property(Arbitrary = [typeof(LaunchLifecycleProperties)], MaxTest = 2000)]
    public void It_is_claimed_once_and_ends_once(LaunchInput[] inputs)
    {
        var states = new List<LaunchConfigSnapshot> { Told.Facts.Config! };
        foreach (var input in inputs)
        {
            if (LaunchLifecycle.Apply(states[^1], input, Told.Now) is { } next)
            {
                states.Add(next);
            }
        }

        Assert.True(states.Count(state => state.Status == Claimed) <= 1);
        Assert.True(states.Count(state => state.Status is Failed or Expired or Activated) <= 1);
        Assert.All(states[..^1], state => Assert.NotNull(LaunchLifecycle.DueAt(state)));
        Assert.Equal(states[^1].Status is Issued or Claimed or Verified, LaunchLifecycle.DueAt(states[^1]) is not null);
    }

    private static void AssertDates(LaunchConfigSnapshot before, LaunchConfigSnapshot after, DateTimeOffset now)
    {
        Assert.Equal(after.Status == Claimed ? now : before.ClaimedAt, after.ClaimedAt);
        Assert.Equal(after.Status == Verified ? now : before.VerifiedAt, after.VerifiedAt);
        Assert.Equal(after.Status == Activated ? now : before.ActivatedAt, after.ActivatedAt);
        Assert.Equal(after.Status is Failed or Expired ? now : null, after.EndedAt);
        Assert.Equal(after.EndedAt is null, after.Reason is null);
        Assert.Equal(before.IssuedAt, after.IssuedAt);
    }
}
