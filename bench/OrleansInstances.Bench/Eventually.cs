using System.Diagnostics;

namespace OrleansInstances.Bench;

/// <summary>Waits for something that can be seen from outside, with a deadline that says what it waited for.</summary>
internal static class Eventually
{
    /// <param name="what">For the message.</param>
    /// <param name="look">Sees how things are.</param>
    /// <param name="holds">Whether that is what is waited for.</param>
    /// <param name="pace">The pause between two looks; zero looks again at once.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="seconds">The deadline.</param>
    /// <exception cref="TimeoutException">The deadline has passed.</exception>
    public static async Task<T> Get<T>(
        string what,
        Func<Task<T>> look,
        Predicate<T> holds,
        TimeSpan pace,
        CancellationToken cancel,
        double seconds = 30)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var seen = await look();
            if (holds(seen))
            {
                return seen;
            }

            if (clock.Elapsed.TotalSeconds > seconds)
            {
                throw new TimeoutException($"Waited {seconds} s for {what}; last seen: {seen}");
            }

            if (pace > TimeSpan.Zero)
            {
                await Task.Delay(pace, cancel);
            }
        }
    }
}
