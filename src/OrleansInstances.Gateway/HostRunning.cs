namespace OrleansInstances.Gateway;

internal static class HostRunning
{
    /// <summary>Runs until it is asked to end. When the start fails half-way, what has started by then is stopped in order first.</summary>
    public static async Task RunWholeAsync(this WebApplication app)
    {
        await using (app)
        {
            try
            {
                await app.StartAsync();
            }
            catch
            {
                await app.StopAsync();
                throw;
            }

            await app.WaitForShutdownAsync();
        }
    }
}
