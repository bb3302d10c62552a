using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInstances.Bench.Processes;

/// <summary>The gateway's own routes, as far as they are measured. Anything but success throws with the answer.</summary>
internal sealed class InstancesApi : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(1);

    private readonly HttpClient _http;

    public InstancesApi(Uri address, string key)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        _http.DefaultRequestHeaders.Add("X-API-Key", key);
    }

    /// <returns>The new instance's uuid.</returns>
    public async Task<string> CreateAsync(IReadOnlyList<string> command, bool start, CancellationToken cancel, long consoleMaxBytes = 64 << 20)
    {
        var body = new { command, start, console = new { max_bytes = consoleMaxBytes } };
        using var response = await _http.PostAsJsonAsync("/api/instances", body, cancel);
        var instance = JsonNode.Parse(await SucceededAsync(response, cancel))!;
        return (string)instance["uuid"]!;
    }

    /// <summary>Makes an instance that stays at rest.</summary>
    public async Task CreateAtRestAsync(string name, object labels, CancellationToken cancel)
    {
        using var response = await _http.PostAsJsonAsync("/api/instances", new { name, labels, start = false }, cancel);
        await SucceededAsync(response, cancel);
    }

    /// <summary>A lifecycle call: answers when the thing is done.</summary>
    public async Task DoAsync(string id, string verb, CancellationToken cancel)
    {
        using var response = await _http.PostAsync(new Uri($"/api/instances/{id}/{verb}", UriKind.Relative), null, cancel);
        await SucceededAsync(response, cancel);
    }

    public async Task DeleteAsync(string id, CancellationToken cancel)
    {
        using var response = await _http.DeleteAsync(new Uri($"/api/instances/{id}", UriKind.Relative), cancel);
        await SucceededAsync(response, cancel);
    }

    public async Task InputAsync(string id, byte[] bytes, CancellationToken cancel)
    {
        using var response = await _http.PostAsync(new Uri($"/api/instances/{id}/input", UriKind.Relative), new ByteArrayContent(bytes), cancel);
        await SucceededAsync(response, cancel);
    }

    public async Task<JsonNode> GetAsync(string path, CancellationToken cancel)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return JsonNode.Parse(await SucceededAsync(response, cancel))!;
    }

    public Task<byte[]> GetBytesAsync(string path, CancellationToken cancel) => _http.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancel);

    /// <summary>Waits for one of <paramref name="states"/>.</summary>
    public async Task WaitForStateAsync(string id, TimeSpan pace, CancellationToken cancel, params string[] states) =>
        await Eventually.Get(
            $"state {string.Join(" or ", states)} of {id}",
            async () => (string)(await GetAsync($"/api/instances/{id}", cancel))["state"]!,
            states.Contains,
            pace,
            cancel);

    public Task WaitUntilRunningAsync(string id, CancellationToken cancel) => WaitForStateAsync(id, Pace, cancel, "running");

    /// <summary>Waits until no start is under way: one list each 10 ms, which asks nothing of those that run.</summary>
    public Task WaitUntilNoneStartsAsync(CancellationToken cancel) => Eventually.Get(
        "no start under way",
        async () => (await GetAsync("/api/instances?status=creating", cancel)).AsArray().Count,
        starting => starting == 0,
        TimeSpan.FromMilliseconds(10),
        cancel);

    /// <summary>The console's bytes from an offset to its end.</summary>
    public Task<byte[]> OutputAsync(string id, long from, CancellationToken cancel) =>
        _http.GetByteArrayAsync(new Uri(Logs(id, from), UriKind.Relative), cancel);

    public Task<Stream> OpenOutputAsync(string id, CancellationToken cancel) =>
        _http.GetStreamAsync(new Uri(Logs(id, 0), UriKind.Relative), cancel);

    public async Task<bool> IsReadyAsync(CancellationToken cancel)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("/health/ready", UriKind.Relative), cancel);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private static string Logs(string id, long from) => $"/api/instances/{id}/logs?from={from}&format=raw";

    private static async Task<string> SucceededAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        var body = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancel));
        return response.IsSuccessStatusCode
            ? body
            : throw new HttpRequestException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri!.PathAndQuery}: {(int)response.StatusCode} {body}");
    }
}
