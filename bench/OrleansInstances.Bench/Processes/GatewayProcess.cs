using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OrleansInstances.Bench.Processes;

/// <summary>The real gateway as a process of its own, on a data folder and ports of its own. Disposing it ends its instances and its keeper and deletes the folder.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    public const string Key = "oi_bench.key";

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _data = Directory.CreateTempSubdirectory("oi-bench-").FullName;

    /// <summary>The same when it is started again: a cluster waits for silos that ended elsewhere.</summary>
    private readonly string _siloPort = $"{FreePort()}";

    private readonly string _gatewayPort = $"{FreePort()}";
    private readonly OutputTail _output = new();
    private Process? _process;

    private GatewayProcess()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        Api = new InstancesApi(Address, Key);
    }

    public Uri Address { get; }

    public InstancesApi Api { get; }

    public int SiloPid => _process!.Id;

    public int KeeperPid => ProcessFigures.Find(_data, "OrleansInstances.Keeper");

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<GatewayProcess> StartAsync(CancellationToken cancel)
    {
        var gateway = new GatewayProcess();
        try
        {
            gateway.Launch();
            await gateway.WaitUntilReadyAsync(cancel);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the silo and starts another one on the same data.</summary>
    /// <returns>From its start until it was ready.</returns>
    public async Task<TimeSpan> RestartAsync(CancellationToken cancel)
    {
        End(_process!);
        var clock = Stopwatch.StartNew();
        Launch();
        await WaitUntilReadyAsync(cancel);
        return clock.Elapsed;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_process is not null)
            {
                End(_process);
                await StopInstancesAsync();
            }
        }
        finally
        {
            Api.Dispose();
            Directory.Delete(_data, recursive: true);
        }
    }

    /// <summary>Does not wait for the end of its output as WaitForExitAsync does: whoever inherited that may still live.</summary>
    private static void End(Process process)
    {
        process.Kill();
        process.WaitForExit(Limit);
        process.Dispose();
    }

    private void Launch()
    {
        var start = DotNet("OrleansInstances.Gateway.dll");
        start.WorkingDirectory = AppContext.BaseDirectory;
        start.Environment["OI_DATA"] = _data;
        start.Environment["OI_API_KEY"] = Key;
        start.Environment["OI_NODE"] = "bench-node";
        start.Environment["OI_SILO_PORT"] = _siloPort;
        start.Environment["OI_GATEWAY_PORT"] = _gatewayPort;
        start.Environment["ASPNETCORE_URLS"] = Address.ToString();
        _process = _output.Start(start);
    }

    private async Task WaitUntilReadyAsync(CancellationToken cancel)
    {
        try
        {
            await Eventually.Get("the gateway to be ready", () => IsReadyAsync(cancel), ready => ready, Pace, cancel, seconds: 60);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message}\n{_output}", error);
        }
    }

    private async Task<bool> IsReadyAsync(CancellationToken cancel) => _process!.HasExited
        ? throw new InvalidOperationException($"The gateway ended with {_process.ExitCode}:\n{_output}")
        : await Api.IsReadyAsync(cancel);

    private async Task StopInstancesAsync()
    {
        var output = new OutputTail();
        using var keeper = output.Start(DotNet("OrleansInstances.Keeper.dll", "--data", _data, "--stop-all", "--timeout-seconds", "0"));
        using var limit = new CancellationTokenSource(Limit);
        await keeper.WaitForExitAsync(limit.Token);
        if (keeper.ExitCode != 0)
        {
            throw new InvalidOperationException($"The keeper could not stop all; it ended with {keeper.ExitCode}:\n{output}");
        }
    }

    private static ProcessStartInfo DotNet(string program, params string[] args) =>
        new("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. args]);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
