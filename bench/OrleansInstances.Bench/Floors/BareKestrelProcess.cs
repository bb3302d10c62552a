using System.Diagnostics;

namespace OrleansInstances.Bench.Floors;

/// <summary><see cref="BareKestrel"/> under the runtime settings that a web project gets.</summary>
internal sealed class BareKestrelProcess : IDisposable
{
    private readonly Process _process;

    private BareKestrelProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<BareKestrelProcess> StartAsync(int bodyBytes, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(BareKestrel).Assembly.Location, BareKestrel.Verb, $"{bodyBytes}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_gcServer"] = "1";
        var process = Process.Start(start)!;
        try
        {
            var address = await process.StandardOutput.ReadLineAsync(cancel)
                ?? throw new InvalidOperationException("The bare server ended before it listened.");
            return new BareKestrelProcess(process, new Uri(address));
        }
        catch
        {
            End(process);
            throw;
        }
    }

    public void Dispose() => End(_process);

    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
