using System.Collections.Concurrent;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>A launch config's grain that answers what a test says, and keeps what it was asked.</summary>
internal sealed class ScriptedLaunchConfig : ILaunchConfigGrain
{
    public static readonly Guid Id = Guid.Parse("22222222-2222-4222-8222-222222222222");
    public static readonly Guid InstanceId = Guid.Parse("33333333-3333-4333-8333-333333333333");

    public const string Gpu = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string Key = "00112233445566778899aabbccddeeff";
    public const long Seed = 8_070_450_532_247_928_833;

    public ConcurrentQueue<(string Call, object? Argument)> Calls { get; } = new();

    /// <summary>What it refuses, by the name of the call.</summary>
    public Dictionary<string, LaunchRefusal> Refusals { get; } = [];

    public LaunchConfigSnapshot Config { get; set; } = new()
    {
        ConfigId = Id,
        Version = 1,
        Status = LaunchStatus.Issued,
        ChuteId = "chute",
        EnvKey = Key,
        MinerHotkey = "hot",
        MinerColdkey = "cold",
        MinerUid = 7,
        IssuedAt = new DateTimeOffset(2026, 3, 14, 9, 59, 0, TimeSpan.Zero),
        VerifiedAt = new DateTimeOffset(2026, 3, 14, 10, 0, 0, 123, 456, TimeSpan.Zero),
        Seed = Seed,
    };

    public Chute Chute { get; set; } = new() { ChuteId = "chute", Name = "a chute", Version = "1", ChutesVersion = "0.3.1" };

    public ChuteJob? Job { get; set; }

    public IReadOnlyList<PortMapping> Probes { get; set; } = [];

    public ChuteInstanceSnapshot Instance { get; set; } = new()
    {
        InstanceId = InstanceId,
        ChuteId = "chute",
        Version = "1",
        ConfigId = Id,
        Host = "127.0.0.1",
        Port = 30000,
        Gpus = [Gpu],
        MinerHotkey = "hot",
        MinerColdkey = "cold",
        MinerUid = 7,
        CreatedAt = new DateTimeOffset(2026, 3, 14, 9, 59, 30, TimeSpan.Zero),
        UpdatedAt = new DateTimeOffset(2026, 3, 14, 9, 59, 30, TimeSpan.Zero),
    };

    private LaunchReply Reply => new(Config, Instance, Job, null);

    private static ChuteGpu Device => new() { Uuid = Gpu, MinerHotkey = "hot", Gpu = "h100_sxm", Name = "H100", Memory = 1, VerificationHost = "127.0.0.1" };

    public ILaunchConfigGrain Of(Guid id)
    {
        Calls.Enqueue(("of", id));
        return this;
    }

    public IEnumerable<string> CallNames => Calls.Select(call => call.Call).Where(call => call != "of");

    public Task<LaunchReply> IssueAsync(LaunchRequest request) => AnswerAsync("issue", request);

    public Task<LaunchReply> GetAsync() => AnswerAsync("get", null);

    public Task<ClaimAdmission> AdmitClaimAsync(LaunchClaim claim) =>
        Task.FromResult(Refused("admit", claim) is { } refusal ? new ClaimAdmission(Config, null, refusal) : new ClaimAdmission(Config, Chute, null));

    public Task<ClaimPlan> CheckClaimAsync(LaunchClaim claim) =>
        Task.FromResult(Refused("check_claim", claim) is { } refusal ? new ClaimPlan(Config, null, 0, refusal) : new ClaimPlan(Config, Device, 5, null));

    public Task<LaunchReply> ClaimAsync(LaunchClaim claim, ClaimChallenge challenge) => AnswerAsync("claim", challenge);

    public Task<VerifyPlan> CheckVerifyAsync() => Task.FromResult(Refused("check_verify", null) is { } refusal
        ? new VerifyPlan(Config, null, null, null, null, [], refusal)
        : new VerifyPlan(Config, Instance, Chute, Key, Device, [.. Probes], null));

    public Task<LaunchReply> VerifyAsync(LaunchFailure? failure) => FailingAsync("verify", failure);

    public Task<LaunchReply> FailAsync(LaunchFailure failure) => FailingAsync("fail", failure);

    public Task<LaunchReply> ActivateAsync() => AnswerAsync("activate", null);

    public Task WakeAsync() => Task.CompletedTask;

    private Task<LaunchReply> FailingAsync(string call, LaunchFailure? failure)
    {
        var reply = AnswerAsync(call, failure);
        return failure is null ? reply : Task.FromResult(new LaunchReply(Config, null, null, new LaunchRefusal(LaunchRefusalKind.Forbidden, failure.Message, Final: true)));
    }

    private Task<LaunchReply> AnswerAsync(string call, object? argument) =>
        Task.FromResult(Refused(call, argument) is { } refusal ? new LaunchReply(null, null, null, refusal) : Reply);

    private LaunchRefusal? Refused(string call, object? argument)
    {
        Calls.Enqueue((call, argument));
        return Refusals.GetValueOrDefault(call);
    }
}
