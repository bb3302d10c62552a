namespace OrleansInstances.Simulation;

internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something holds, while the simulation's clock stands still, or fails with what it waited for.</summary>
    public static async Task HoldsAsync(Func<string> what, Func<Task<bool>> condition)
    {
        var end = DateTime.UtcNow + Deadline;
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < end, $"Waited {Deadline} for: {what()}");
            await Task.Delay(5);
        }
    }

    public static Task HoldsAsync(string what, Func<Task<bool>> condition) => HoldsAsync(() => what, condition);

    public static Task HoldsAsync(string what, Func<bool> condition) => HoldsAsync(() => what, () => Task.FromResult(condition()));
}
