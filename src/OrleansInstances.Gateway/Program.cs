using OrleansInstances.Gateway;

try
{
    var builder = WebApplication.CreateBuilder(args);
    // The program below reports a failed start itself, in one line where it can.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    builder.AddGateway();

    var app = builder.Build();
    app.MapGateway();
    await app.RunAsync();
    return 0;
}
catch (Exception error) when (StartUpFault.Describe(error) is { } fault)
{
    await Console.Error.WriteLineAsync(fault);
    return 1;
}
