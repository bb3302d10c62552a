using OrleansInstances.Gateway;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Hosting;

try
{
    if (args is ["key", .. var words])
    {
        return await KeyCommand.RunAsync(words);
    }

    // Its own settings file lies beside the program, wherever it is started from.
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    // The program below reports a failed start itself, in one line where it can.
    builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    var silo = builder.AddOrleansInstances();
    builder.AddHttp(silo);

    var app = builder.Build();
    app.MapHttp(silo);
    await app.RunWholeAsync();
    return 0;
}
catch (Exception error) when (StartUpFault.Describe(error) is { } fault)
{
    await Console.Error.WriteLineAsync(fault);
    return 1;
}
