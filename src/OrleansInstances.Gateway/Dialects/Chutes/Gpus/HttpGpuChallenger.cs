using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes.Gpus;

/// <summary>The GraVal service, over HTTP as its validators call it.</summary>
internal sealed class HttpGpuChallenger : IGpuChallenger, IDisposable
{
    private const int MostTries = 7;
    private const int LongestAnswer = 1024 * 1024;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ChallengeAtMost = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan CheckAtMost = TimeSpan.FromSeconds(120);

    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    /// <param name="address">Of the service; what it offers is below.</param>
    /// <param name="time">For timeouts and pauses.</param>
    public HttpGpuChallenger(Uri address, TimeProvider time)
    {
        _time = time;
        _http = new HttpClient { BaseAddress = new Uri($"{address.ToString().TrimEnd('/')}/"), Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
    }

    public async Task<GpuChallenge> ChallengeAsync(ChuteGpu gpu, string key, int iterations, CancellationToken cancellationToken)
    {
        var request = new EncryptRequest(DeviceInfo.Of(gpu), key, iterations);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await PostAsync("encrypt", request, GravalJson.Default.EncryptRequest, ChallengeAtMost, cancellationToken);
                return Parse(answer.Trim().Trim('"')) ?? throw new GpuChallengerException("The GPU challenger's answer is no seed and ciphertext.");
            }
            catch (GpuChallengerException) when (attempt < MostTries)
            {
                await Task.Delay(BetweenTries, _time, cancellationToken);
            }
        }
    }

    public async Task<bool> CheckProofAsync(ChuteGpu gpu, long seed, string workProduct, CancellationToken cancellationToken)
    {
        var request = new CheckProofRequest(DeviceInfo.Of(gpu), seed, workProduct, CheckIndex: 0);
        var answer = await PostAsync("check_proof", request, GravalJson.Default.CheckProofRequest, CheckAtMost, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(answer, GravalJson.Default.CheckProofReply)?.Result
                ?? throw new GpuChallengerException("The GPU challenger's answer is no result.");
        }
        catch (JsonException noResult)
        {
            throw new GpuChallengerException("The GPU challenger's answer is no result.", noResult);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<string> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(atMost, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await _http.PostAsJsonAsync(path, body, type, either.Token);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadAsStringAsync(either.Token);
        }
        catch (HttpRequestException error)
        {
            throw new GpuChallengerException($"The GPU challenger failed: {error.Message}", error);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GpuChallengerException($"The GPU challenger did not answer within {atMost.TotalSeconds} s.", late);
        }
    }

    /// <summary>SEED|BASE64.</summary>
    private static GpuChallenge? Parse(string answer) =>
        answer.Split('|') is [var seed, { Length: > 0 } ciphertext]
        && long.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0
            ? new GpuChallenge(number, ciphertext)
            : null;
}
