using System.Diagnostics;

namespace OrleansInstances.Keeper.Tests.Support;

/// <summary>Waits for something that can be observed, with a deadline that says what it waited for.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Deadline, $"Waited {Deadline.TotalSeconds} s in vain: {what}");
            await Task.Delay(Pace);
        }
    }

    public static async Task<T> WithinDeadlineAsync<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {Deadline.TotalSeconds} s in vain: {what}");
        }
    }
}
