using Microsoft.Extensions.DependencyInjection;
using OrleansInstances.Gateway.Dialects.Chutes;
using OrleansInstances.Gateway.Dialects.Chutes.Auth;
using OrleansInstances.Gateway.Dialects.Chutes.Gpus;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;
using OrleansInstances.Gateway.Dialects.Chutes.Verification;
using OrleansInstances.Launches;
using OrleansInstances.Storage.Chutes;
using OrleansInstances.Testing;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>The gateway with a registered miner, scripted launch configs, and all that checks from outside in a test's hands.</summary>
internal sealed class ChutesHost : IAsyncDisposable
{
    public const string Secret = "test-secret";

    public static readonly string ConfigPath = $"/instances/launch_config/{ScriptedLaunchConfig.Id}";

    public static readonly string InstancePath = $"/instances/chute/{ScriptedLaunchConfig.InstanceId}";

    private ChutesHost()
    {
        Gateway.Settings["OI:MAX_KEY_FAILURES_PER_MINUTE"] = "100000";
        Gateway.Settings["LAUNCH_CONFIG_KEY"] = Secret;
        Gateway.Settings["BASE_DOMAIN"] = "chutes.example";
        Gateway.Configure = Register;
        Inventory.Miners[Miner.Address] = new ChuteMiner(Miner.Address, "cold", 7);
        Inventory.Chutes["chute"] = new Chute { ChuteId = "chute", Name = "a chute", Version = "1", ChutesVersion = "0.3.1" };
        Inventory.Chutes["old"] = new Chute { ChuteId = "old", Name = "an old chute", Version = "1", ChutesVersion = "0.2.9" };
    }

    public GatewayHost Gateway { get; } = new();

    public FakeInventory Inventory { get; } = new();

    public TestHotkey Miner { get; } = new();

    public Checks Outside { get; } = new();

    public bool HasSodium { get; set; } = true;

    public ScriptedLaunchConfig Config => Gateway.Grains.LaunchConfig;

    public DateTimeOffset Now => Gateway.Time.GetUtcNow();

    public static async Task<ChutesHost> StartAsync(Action<ChutesHost>? arrange = null)
    {
        var host = new ChutesHost();
        arrange?.Invoke(host);
        try
        {
            await host.Gateway.StartAsync();
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        host.Gateway.Http.DefaultRequestHeaders.Clear();
        return host;
    }

    /// <summary>Sends a request that is signed for a purpose.</summary>
    public Task<Answer> SignedAsync(HttpMethod method, string path, string purpose) => SendAsync(method, path, Miner.For(purpose, Now));

    /// <summary>Sends a request that is signed with its body.</summary>
    public Task<Answer> SignedBodyAsync(HttpMethod method, string path, string body) => SendAsync(method, path, Miner.WithBody(body, Now), body);

    /// <summary>Sends a request with the config's token.</summary>
    public Task<Answer> WithTokenAsync(HttpMethod method, string path, string? body = null) =>
        SendAsync(method, path, [new("Authorization", Token())], body);

    public async Task<Answer> SendAsync(HttpMethod method, string path, IEnumerable<KeyValuePair<string, string>> headers, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await Gateway.SendAsync(request);
    }

    public string Token() => Gateway.Service<LaunchTokens>().Issue(Config.Config, "https://example/");

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();

    private void Register(IServiceCollection services)
    {
        services.AddSingleton<IChuteInventory>(Inventory);
        services.AddSingleton<IGpuChallenger>(Outside);
        services.AddSingleton<IHostRules>(new HostRules(allowPrivate: false));
        services.AddSingleton<IEnvironmentVerifier>(Outside);
        services.AddSingleton<IFileSystemVerifier>(Outside);
        services.AddSingleton<IPortProber>(Outside);
        services.AddSingleton<ILegacyVerifier>(Outside);
        services.AddSingleton(new SodiumState(HasSodium));
    }
}

/// <summary>What is checked from outside, all of it good unless a test says otherwise.</summary>
internal sealed class Checks : IGpuChallenger, IEnvironmentVerifier, IFileSystemVerifier, IPortProber, ILegacyVerifier
{
    public string Ciphertext { get; } = "AAAA";

    public GpuChallengerException? ChallengerFault { get; set; }

    public bool ProofIsGood { get; set; } = true;

    public LaunchFailure? EnvironmentFault { get; set; }

    public string? ExpectedFiles { get; set; }

    public int? SilentPort { get; set; }

    public TaskCompletionSource<string?> Legacy { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Verifications of instances without a launch config.</summary>
    public int Begun { get; private set; }

    public List<string> Payloads { get; } = [];

    public List<string> WorkProducts { get; } = [];

    public Task<GpuChallenge> ChallengeAsync(ChuteGpu gpu, string key, int iterations, CancellationToken cancellationToken)
    {
        Payloads.Add(key);
        return ChallengerFault is { } fault ? throw fault : Task.FromResult(new GpuChallenge(ScriptedLaunchConfig.Seed, Ciphertext));
    }

    public Task<bool> CheckProofAsync(ChuteGpu gpu, long seed, string workProduct, CancellationToken cancellationToken)
    {
        WorkProducts.Add(workProduct);
        return ChallengerFault is { } fault ? throw fault : Task.FromResult(ProofIsGood);
    }

    public Task<LaunchFailure?> VerifyAsync(LaunchConfigSnapshot config, Chute chute, string environment, string code, CancellationToken cancellationToken) =>
        Task.FromResult(EnvironmentFault);

    public Task<string?> ExpectedHashAsync(LaunchConfigSnapshot config, Chute chute, CancellationToken cancellationToken) => Task.FromResult(ExpectedFiles);

    public Task<bool> AnswersAsync(string host, PortMapping port, string key, CancellationToken cancellationToken) => Task.FromResult(port.ExternalPort != SilentPort);

    public Task<string?> VerifyAsync(ChuteInstanceSnapshot instance, CancellationToken cancellationToken)
    {
        Begun++;
        return Legacy.Task;
    }
}
