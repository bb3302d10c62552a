namespace OrleansInstances.Gateway;

internal static class HostRunning
{
    /// <summary>Runs until it is asked to end. When the start fails half-way, what has started by then is stopped in order first.</summary>
    public static async Task RunWholeAsync(this WebApplication app)
    {
        await using (app)
        {
            // Some of these open what they need when they are made. Until all are there nothing has started, and the host
            // can't be stopped.
            _ = app.Services.GetServices<IHostedService>();
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
