using OrleansInstances.Gateway;
using OrleansInstances.Hosting;

try
{
    var builder = WebApplication.CreateBuilder(args);
    // The program below reports a failed start itself, in one line where it can.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    builder.AddOrleansInstances();
    builder.AddGateway();

    var app = builder.Build();
    app.MapGateway();
    await app.RunWholeAsync();
    return 0;
}
catch (Exception error) when (StartUpFault.Describe(error) is { } fault)
{
    await Console.Error.WriteLineAsync(fault);
    return 1;
}
