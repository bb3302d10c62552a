namespace OrleansInstances.EndToEnd.Tests;

/// <summary>
/// Whether times are held against their limits: in <c>./dev failover</c>, on a machine that does nothing else. In the suite other tests, and
/// whatever else the machine does, decide how long something takes.
/// </summary>
internal static class Measuring
{
    /// <summary>How many instances it has; null in the suite.</summary>
    public static readonly string? Instances = Environment.GetEnvironmentVariable("OI_TEST_FAILOVER_INSTANCES");

    /// <summary>Fails when it took longer than it may, and times count.</summary>
    public static void AssertWithin(TimeSpan limit, TimeSpan took)
    {
        if (Instances is not null)
        {
            Assert.InRange(took, TimeSpan.Zero, limit);
        }
    }
}
