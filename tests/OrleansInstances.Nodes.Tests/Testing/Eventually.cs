using System.Diagnostics;

namespace OrleansInstances.Nodes.Tests.Testing;

/// <summary>Waits for something to be seen.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> condition, string what, Func<string>? state = null)
    {
        var since = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(since) > Deadline)
            {
                Assert.Fail($"Waited {Deadline.TotalSeconds} s for: {what}. {state?.Invoke()}");
            }

            await Task.Delay(5);
        }
    }

    public static async Task<T> WithinAsync<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {Deadline.TotalSeconds} s for: {what}.");
        }
    }
}
