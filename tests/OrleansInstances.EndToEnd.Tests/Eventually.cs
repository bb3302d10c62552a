using System.Collections;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Waits for something that can be seen from outside, with a deadline that says what it waited for.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    public static async Task<T> Get<T>(string what, Func<Task<T>> look, Predicate<T> holds, double seconds = 60)
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
                throw new TimeoutException($"Waited {seconds} s for {what}; last seen: {Text(seen)}");
            }

            await Task.Delay(Pace);
        }
    }

    public static Task Holds(string what, Func<bool> condition, double seconds = 60) =>
        Get(what, () => Task.FromResult(condition()), holds => holds, seconds);

    private static string? Text(object? seen) =>
        seen is IEnumerable items and not (string or JsonNode) ? $"[{string.Join(", ", items.Cast<object?>())}]" : seen?.ToString();
}
