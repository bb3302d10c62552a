namespace OrleansInstances.Simulation.Engine;

/// <summary>Runs several silos in this process as one cluster. <c>SimulatedEngine</c> is one for each engine.</summary>
internal interface ISimulatedEngine : IAsyncDisposable
{
    /// <summary>Starts silos side by side; all silos that live know them afterwards.</summary>
    Task<IReadOnlyList<ISimulatedHost>> StartAsync(IReadOnlyList<SiloPlan> silos);
}

/// <param name="Name">Unique among silos that live; a silo that takes the place of another one has its name.</param>
/// <param name="Configure">Adds what runs on it, before it starts.</param>
internal sealed record SiloPlan(string Name, Action<ISiloBuilder> Configure);

/// <summary>A silo as the engine has it.</summary>
internal interface ISimulatedHost
{
    IServiceProvider Services { get; }

    /// <summary>
    /// The others go by this silo being dead, and look elsewhere for its grains, but it does not know: what is active on it
    /// stays, and is active twice when it is asked for elsewhere.
    /// </summary>
    Task EvictAsync();

    /// <summary>Ends it as <c>kill -9</c> does, and lets the others know at once.</summary>
    Task KillAsync();

    /// <summary>Ends it as SIGTERM does.</summary>
    Task StopAsync();
}
