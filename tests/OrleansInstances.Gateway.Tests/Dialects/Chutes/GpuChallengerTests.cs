using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Gateway.Dialects.Chutes;
using OrleansInstances.Gateway.Dialects.Chutes.Gpus;
using OrleansInstances.Launches;
using OrleansInstances.Testing;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

public sealed class GpuChallengerTests : IAsyncLifetime
{
    private const string Key = "00112233445566778899aabbccddeeff";

    private static readonly ChuteGpu Gpu = new()
    {
        Uuid = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        MinerHotkey = "hot",
        Gpu = "h100",
        Name = "NVIDIA H100",
        Memory = 85_000_000_000,
        VerificationHost = "gpu.example",
        Major = 9,
        Sxm = true,
    };

    private readonly FakeTimeProvider _time = new();
    private GravalService _service = null!;
    private HttpGpuChallenger _challenger = null!;

    public async Task InitializeAsync()
    {
        _service = await GravalService.StartAsync();
        _challenger = new HttpGpuChallenger(_service.Address, _time);
    }

    public async Task DisposeAsync()
    {
        _challenger.Dispose();
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_challenge_is_asked_for_as_the_service_expects_it()
    {
        var challenge = await _challenger.ChallengeAsync(Gpu, Key, 2, CancellationToken.None);

        var (path, body) = Assert.Single(_service.Requests);
        Assert.Equal("/encrypt", path);
        Assert.Equal(
            """{"device_info":{"uuid":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","name":"NVIDIA H100","memory":85000000000,"major":9,"sxm":true},"payload":"00112233445566778899aabbccddeeff","iterations":2}""",
            body.ToJsonString());
        Assert.Equal(Key, GravalService.Reveal(challenge.Ciphertext, challenge.Seed, Gpu.Uuid));
    }

    [Fact]
    public async Task A_proof_is_checked_by_the_service()
    {
        const long Seed = long.MaxValue;

        Assert.True(await _challenger.CheckProofAsync(Gpu, Seed, GravalService.Work(Seed, Gpu.Uuid), CancellationToken.None));
        Assert.False(await _challenger.CheckProofAsync(Gpu, Seed, "other", CancellationToken.None));

        var (path, body) = _service.Requests.First();
        Assert.Equal(("/check_proof", Seed, 0), (path, (long)body["seed"]!, (int)body["check_index"]!));
    }

    [Theory]
    [InlineData(500, "down")]
    [InlineData(200, "")]
    [InlineData(200, "17")]
    [InlineData(200, "0|AAAA")]
    [InlineData(200, "-1|AAAA")]
    [InlineData(200, "9223372036854775808|AAAA")]
    [InlineData(200, "1|")]
    public async Task A_service_that_fails_is_asked_again(int status, string body)
    {
        _service.Faults.Enqueue((status, body));
        _service.Faults.Enqueue((status, body));

        var challenge = await PassTimeAsync(_challenger.ChallengeAsync(Gpu, Key, 1, CancellationToken.None));

        Assert.Equal(Key, GravalService.Reveal(challenge.Ciphertext, challenge.Seed, Gpu.Uuid));
        Assert.Equal(3, _service.Requests.Count);
    }

    [Fact]
    public async Task It_is_asked_seven_times_and_no_more()
    {
        for (var time = 0; time < 10; time++)
        {
            _service.Faults.Enqueue((503, ""));
        }

        await Assert.ThrowsAsync<GpuChallengerException>(() => PassTimeAsync(_challenger.ChallengeAsync(Gpu, Key, 1, CancellationToken.None)));

        Assert.Equal(7, _service.Requests.Count);
    }

    [Theory]
    [InlineData(500, "{}")]
    [InlineData(200, "")]
    [InlineData(200, "null")]
    [InlineData(200, "no json")]
    public async Task A_check_without_a_result_says_nothing_of_the_gpu(int status, string body)
    {
        _service.Faults.Enqueue((status, body));

        await Assert.ThrowsAsync<GpuChallengerException>(() => _challenger.CheckProofAsync(Gpu, 1, "work", CancellationToken.None));
    }

    [Fact]
    public async Task Whoever_waits_for_it_may_leave()
    {
        _service.Faults.Enqueue((503, ""));
        using var left = new CancellationTokenSource();
        var waiting = _challenger.ChallengeAsync(Gpu, Key, 1, left.Token);
        await Eventually.Holds("the first try", () => _service.Requests.Count == 1);

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>By the rules in docs/chutes.md, for any of an instance's GPUs.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Challenges_in_software_are_answered_by_their_rules(int iterations)
    {
        var software = new SoftwareGpuChallenger();

        var (seed, ciphertext) = await software.ChallengeAsync(Gpu, Key, iterations, CancellationToken.None);

        var bytes = Convert.FromBase64String(ciphertext);
        var gpuKey = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}:{Gpu.Uuid}"))[..16]);
        Assert.Equal(Key, AesText.Decrypt(gpuKey, Convert.ToHexString(bytes[..16]), Convert.ToBase64String(bytes[16..])));
        var other = Gpu with { Uuid = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", Gpu = "l4" };
        Assert.True(await software.CheckProofAsync(other, seed, Work(seed, other.Uuid, iterations), CancellationToken.None));
        Assert.False(await software.CheckProofAsync(other, seed, Work(seed, other.Uuid, iterations + 1), CancellationToken.None));
        Assert.False(await software.CheckProofAsync(other, seed, Work(seed, Gpu.Uuid, iterations), CancellationToken.None));
        Assert.InRange(seed, 1, long.MaxValue);
    }

    private static string Work(long seed, string uuid, int iterations) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Encoding.UTF8.GetBytes($"{seed}"), Encoding.UTF8.GetBytes($"{uuid}:{iterations}")));

    private async Task<T> PassTimeAsync<T>(Task<T> task)
    {
        await Eventually.Holds("the tries to end", () =>
        {
            // In small steps: a try that is under way must not run out of time.
            _time.Advance(TimeSpan.FromSeconds(0.1));
            return task.IsCompleted;
        });
        return await task;
    }
}
