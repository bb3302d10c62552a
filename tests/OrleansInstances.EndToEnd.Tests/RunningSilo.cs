using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>The real program as a process of its own, on a data folder and ports of its own.</summary>
internal sealed partial class RunningSilo : IAsyncDisposable
{
    public const string Key = "oi_test.key";

    /// <summary>The setting that names a PostgreSQL database.</summary>
    public const string Database = "OI_POSTGRES";

    private const int SIGINT = 2;
    private const int SIGKILL = 9;
    private const int SIGTERM = 15;
    private const int SIGCONT = 18;
    private const int SIGSTOP = 19;

    private static readonly string KeeperProgram = Path.Combine(AppContext.BaseDirectory, "OrleansInstances.Keeper.dll");

    private readonly int _siloPort = FreePort.Find();
    private readonly int _gatewayPort = FreePort.Find();
    private readonly StringBuilder _output = new();
    private Process? _process;

    /// <param name="data">Its data folder; without it a new one.</param>
    /// <param name="address">Where it speaks HTTP.</param>
    public RunningSilo(string? data = null, string address = "127.0.0.1")
    {
        Data = data ?? Directory.CreateTempSubdirectory("oi-e2e-").FullName;
        Http = new HttpClient { BaseAddress = new Uri($"http://{address}:{FreePort.Find()}"), Timeout = TimeSpan.FromSeconds(40) };
        Http.DefaultRequestHeaders.Add("X-API-Key", Key);
    }

    public string Data { get; }

    /// <summary>The folder of the build that is started next.</summary>
    public string Build { get; set; } = AppContext.BaseDirectory;

    public HttpClient Http { get; }

    public int Pid => _process!.Id;

    /// <summary>False for a silo that shares another one's folder: it stops and removes nothing there.</summary>
    public bool OwnsData { get; init; } = true;

    /// <summary>The keeper runs the silo, and the process that is started and killed here is the keeper's.</summary>
    public bool IsBelowKeeper { get; set; }

    /// <summary>A command that runs the program; it must become it.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];

    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>();

    /// <summary>All that the program has printed.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static async Task<RunningSilo> StartNewAsync()
    {
        var silo = new RunningSilo();
        await silo.StartAsync();
        return silo;
    }

    /// <summary>Starts the program and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        await LaunchAsync();
        await ReadyAsync();
    }

    /// <summary>Waits for a text: the program prints what is where once it is ready, and a pipe brings it here.</summary>
    public Task PrintsAsync(string text) => Eventually.Get($"it to print {text}", () => Task.FromResult(Output), output => output.Contains(text, StringComparison.Ordinal));

    public Task ReadyAsync() => Eventually.Get("the silo to be ready", IsReadyAsync, ready => ready, seconds: 60);

    /// <summary>The database of its own, where the tests run on PostgreSQL; it stays the same over restarts.</summary>
    public async Task<string?> DatabaseAsync()
    {
        if (TestDatabase.IsPostgres && !Settings.ContainsKey(Database))
        {
            Settings[Database] = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        }

        return Settings.TryGetValue(Database, out var database) ? database : null;
    }

    /// <summary>Starts the program without waiting for anything.</summary>
    public async Task LaunchAsync()
    {
        await DatabaseAsync();
        string[] silo = ["dotnet", Path.Combine(Build, "OrleansInstances.Gateway.dll")];
        string[] command = [.. Wrapper, .. IsBelowKeeper ? ["dotnet", KeeperProgram, "--data", Data, "--", .. silo] : silo];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OI_DATA"] = Data;
        start.Environment["OI_API_KEY"] = Key;
        start.Environment["OI_NODE"] = "test-node";
        start.Environment["OI_SILO_PORT"] = $"{_siloPort}";
        start.Environment["OI_GATEWAY_PORT"] = $"{_gatewayPort}";
        start.Environment["ASPNETCORE_URLS"] = Http.BaseAddress!.ToString();

        // 16 MiB. Else how much is garbage before it is collected depends on the processor's cache, and with it all measures of memory.
        start.Environment["DOTNET_GCgen0MaxBudget"] = "1000000";
        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits for the program's own end.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await _process!.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: the silo ends at once, the keeper and what it keeps go on.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGKILL to the silo that a keeper runs; the keeper starts the next.</summary>
    public async Task KillBelowKeeperAsync() =>
        Assert.Equal(0, SendSignal(await ProcessTable.ChildAsync(Pid, "OrleansInstances.Gateway.dll"), SIGKILL));

    /// <summary>What Ctrl-C does.</summary>
    public async Task<int> InterruptAsync()
    {
        Assert.Equal(0, SendSignal(_process!.Id, SIGINT));
        return await ExitAsync();
    }

    /// <summary>What a service manager does.</summary>
    public async Task<int> TerminateAsync()
    {
        Terminate(_process!.Id);
        return await ExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public static void Terminate(int pid) => Assert.Equal(0, SendSignal(pid, SIGTERM));

    /// <summary>An instance's own folder on its node.</summary>
    public string FilesOf(JsonNode instance) =>
        Path.Combine(Data, "instances", ((string)instance["uuid"]!).Replace("-", "", StringComparison.Ordinal), "files");

    /// <summary>The whole silo stands still until <see cref="Thaw()"/>.</summary>
    public void Freeze() => Assert.Equal(0, SendSignal(Pid, SIGSTOP));

    public void Thaw() => Thaw(Pid);

    /// <summary>As <see cref="Freeze"/>, of the silo that a keeper runs.</summary>
    /// <returns>Its process.</returns>
    public async Task<int> FreezeBelowKeeperAsync()
    {
        var silo = await ProcessTable.ChildAsync(Pid, "OrleansInstances.Gateway.dll");
        Assert.Equal(0, SendSignal(silo, SIGSTOP));
        return silo;
    }

    public static void Thaw(int silo) => Assert.Equal(0, SendSignal(silo, SIGCONT));

    public Task<JsonNode> CreateAsync(params string[] command) => CreateAsync(new { command });

    public async Task<JsonNode> CreateAsync(object body)
    {
        using var response = await Http.PostAsJsonAsync("/api/instances", body);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public Task<JsonNode> GetAsync(JsonNode instance) => GetAsync($"/api/instances/{instance["uuid"]}");

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        Assert.Equal((path, HttpStatusCode.OK), (path, response.StatusCode));
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public Task<HttpResponseMessage> PostAsync(JsonNode instance, string verb) =>
        Http.PostAsync($"/api/instances/{instance["uuid"]}/{verb}", null);

    /// <summary>A request that must succeed.</summary>
    public async Task<JsonNode> DoAsync(JsonNode instance, string verb)
    {
        using var response = await PostAsync(instance, verb);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{verb}: {response.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }

    public async Task<JsonNode> WaitForStateAsync(JsonNode instance, string state) =>
        (await Eventually.Get($"state {state}", () => AskAsync($"/api/instances/{instance["uuid"]}"), seen => (string?)seen?["state"] == state))!;

    /// <summary>As <see cref="GetAsync(string)"/>; null when the answer is to ask again.</summary>
    public async Task<JsonNode?> AskAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        if (response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
        {
            return null;
        }

        Assert.Equal((path, HttpStatusCode.OK), (path, response.StatusCode));
        return await response.Content.ReadFromJsonAsync<JsonNode>();
    }

    public async Task<JsonNode> InputAsync(JsonNode instance, string text)
    {
        using var response = await Http.PostAsync($"/api/instances/{instance["uuid"]}/input", new StringContent(text));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    public Task<string> OutputOfAsync(JsonNode instance) =>
        Http.GetStringAsync($"/api/instances/{instance["uuid"]}/logs?from=0&format=raw");

    public async ValueTask DisposeAsync()
    {
        // A keeper ends its silo itself, with all else below.
        if (_process is { HasExited: false } && !IsBelowKeeper)
        {
            await KillAsync();
        }

        if (OwnsData)
        {
            using var down = Process.Start("dotnet", [KeeperProgram, "--data", Data, "--stop-all", "--timeout-seconds", "0"]);
            await down.WaitForExitAsync();

            // It has answered, and writes there until it ends; so does a silo below it.
            await Eventually.Holds("its keeper to end", () => ProcessTable.KeepersOf(Data).Count == 0);
            Directory.Delete(Data, recursive: true);
        }

        _process?.Dispose();
        Http.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"The silo ended with {_process.ExitCode}:\n{Output}");
        }

        try
        {
            using var response = await Http.GetAsync("/health/ready");
            return response.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
