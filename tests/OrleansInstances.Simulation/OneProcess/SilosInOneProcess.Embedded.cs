using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OrleansInstances.Gateway;
using OrleansInstances.Hosting;
using OrleansInstances.Simulation.Engine;

namespace OrleansInstances.Simulation.OneProcess;

/// <summary>
/// Whole silos in this process, composed as the program composes its one: with an address, a data folder, a keeper and real
/// instances each, on one PostgreSQL (<c>OI_POSTGRES</c>). Unlike those of the tests they live by the machine's clock.
/// </summary>
internal static class SilosInOneProcess
{
    /// <summary>
    /// Does what it is told until there is no more, line by line, words parted by tabs: <c>start NAME SETTING…</c>, settings as
    /// on a command line, and <c>kill NAME</c>, which drops a silo where it stands.
    /// </summary>
    public static async Task RunAsync(TextReader orders)
    {
        var engine = new SimulatedEngine(new Network());
        var silos = new Dictionary<string, ISimulatedHost>();
        while (await orders.ReadLineAsync() is { } order)
        {
            switch (order.Split('\t'))
            {
                case ["start", var name, .. var settings]:
                    silos[name] = await engine.StartAsync(name, (port, join) => Build(settings, port, join));
                    break;
                case ["kill", var name]:
                    await silos[name].KillAsync();
                    break;
                default:
                    throw new FormatException($"\"{order}\" is no order.");
            }
        }
    }

    private static WebApplication Build(string[] settings, int port, Action<IServiceCollection> join)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = [.. settings, $"--OI:SILO_PORT={port}"], ContentRootPath = AppContext.BaseDirectory });
        var silo = builder.AddOrleansInstances();
        // The engine does not; together with the others it does.
        silo.SpansMachines = true;
        builder.AddHttp(silo);
        join(builder.Services);
        var app = builder.Build();
        app.MapHttp(silo);
        return app;
    }
}
