using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansInstances.Hotkeys.Tests;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>kill -9 of the silo between any two steps of a launch, and in the middle of each. All of it on one data folder, each with GPUs of its own.</summary>
public sealed class LaunchDeathTests(LaunchDeathTests.Shared shared) : IClassFixture<LaunchDeathTests.Shared>
{
    private static readonly string[] Launch = ["issued", "claimed", "verified", "activated"];

    private readonly ChutesSilo _chutes = shared.Chutes;

    [NeedsSodiumFact]
    public async Task A_launch_goes_on_after_a_death_between_any_two_steps()
    {
        var token = await _chutes.IssueAsync("one");
        using var pod = new TestPod(_chutes, token, [_chutes.Gpu(0)]);

        await _chutes.RestartAsync();
        await pod.ClaimAsync();
        await _chutes.RestartAsync();
        Assert.Equal(401, (await pod.TryClaimAsync()).Status);
        var id = (string)(await pod.ProveAsync())["instance_id"]!;
        await _chutes.RestartAsync();
        Assert.Equal(400, (await pod.TryProveAsync()).Status);
        pod.Serve();
        await pod.ActivateAsync();
        await _chutes.RestartAsync();
        await pod.ActivateAsync();
        await RunsAsync(id);
        Assert.Equal(200, (await _chutes.DeleteAsync("one", id)).Status);
        await _chutes.RestartAsync();
        Assert.Equal(404, (await _chutes.DeleteAsync("one", id)).Status);

        using var next = new TestPod(_chutes, await _chutes.IssueAsync("one"), [_chutes.Gpu(0)]) { Port = pod.Port };
        await next.ClaimAsync();
        Assert.Equal(Launch, (await _chutes.EventsAsync(id)).Where(Launch.Contains));
    }

    /// <summary>While the GPU is challenged nothing is claimed; while its proof is checked, or a port is probed, nothing is decided.</summary>
    [NeedsSodiumFact]
    public async Task A_death_in_the_middle_of_a_step_leaves_what_was_before_it()
    {
        using var pod = new TestPod(_chutes, await _chutes.IssueAsync("jobs", "job"), [_chutes.Gpu(1)]) { Ports = [("tcp", 2222, FreePort.Find())] };

        await DieInAsync(() => pod.TryClaimAsync(), "/encrypt");
        await pod.ClaimAsync();
        await DieInAsync(() => pod.TryProveAsync(), "/check_proof");
        var probing = Stopwatch.StartNew();
        await DieOnceAsync(() => pod.TryProveAsync(), pod.LeaveProbeAsync());
        var mayHaveGivenUp = probing.Elapsed >= TimeSpan.FromSeconds(10);
        await _chutes.Silo.StartAsync();

        pod.AnswerProbes();
        var (status, body) = await pod.TryProveAsync();
        if (mayHaveGivenUp && status == 403)
        {
            // A probe waits for ten seconds: on a machine that stood still for as long, the config may have failed for good before the death.
            Assert.Contains("Launch config failed verification: Failed port verification", body);
            return;
        }

        Assert.True(status == 200, body);
        await pod.ActivateAsync();
        await RunsAsync((string)JsonNode.Parse(body)!["instance_id"]!);
    }

    /// <summary>Some are activated and some deleted when it dies after the first answer: whoever was answered need not ask again, and of the others each is before its step or after it.</summary>
    [NeedsSodiumFact]
    public async Task What_was_answered_before_a_death_holds_and_nothing_is_half_done()
    {
        const int Each = 6;
        var pods = new List<(TestPod Pod, string Id, string Gpu)>();
        foreach (var gpu in Enumerable.Range(10, 2 * Each).Select(number => _chutes.Gpu(number)))
        {
            var pod = new TestPod(_chutes, await _chutes.IssueAsync("one"), [gpu]);
            await pod.ClaimAsync();
            pods.Add((pod, (string)(await pod.ProveAsync())["instance_id"]!, gpu));
        }

        var activating = pods[..Each].Select(pod => OrNoneAsync(pod.Pod.TryActivateAsync())).ToList();
        var deleting = pods[Each..].Select(pod => OrNoneAsync(_chutes.DeleteAsync("one", pod.Id))).ToList();
        await await Task.WhenAny([.. activating, .. deleting]);
        await _chutes.Silo.KillAsync();
        var (activated, deleted) = (await Task.WhenAll(activating), await Task.WhenAll(deleting));
        Assert.Contains(activated.Concat(deleted), status => status == 200);
        await _chutes.Silo.StartAsync();

        foreach (var ((pod, id, _), status) in pods.Zip(activated))
        {
            Assert.True(status is 200 or null, $"{status}");
            if (status is null)
            {
                await pod.ActivateAsync();
            }

            await RunsAsync(id);
            await Eventually.Get("its events", () => _chutes.EventsAsync(id), events => events.Contains("activated"));
            Assert.Equal(Launch, (await _chutes.EventsAsync(id)).Where(Launch.Contains).Distinct());
        }

        foreach (var ((pod, id, gpu), status) in pods[Each..].Zip(deleted))
        {
            Assert.True(status is 200 or null, $"{status}");
            Assert.Contains((await _chutes.DeleteAsync("one", id)).Status, status is 200 ? [404] : new[] { 200, 404 });
            using var next = new TestPod(_chutes, await _chutes.IssueAsync("one"), [gpu]) { Port = pod.Port };
            await next.ClaimAsync();
            await Eventually.Get("it to be gone", () => _chutes.SendAsync(HttpMethod.Get, $"/api/instances/{id}", []), answer => answer.Status == 404);
        }
    }

    private async Task DieInAsync(Func<Task<(int Status, string Body)>> step, string asked)
    {
        var forever = new TaskCompletionSource();
        _chutes.Graval.Until = forever.Task;
        var before = _chutes.Graval.Requests.Count;
        var reached = Eventually.Holds($"the service to be asked for {asked}", () => _chutes.Graval.Requests.Skip(before).Any(request => request.Path == asked));
        Assert.Null(await DieOnceAsync(step, reached));
        _chutes.Graval.Until = Task.CompletedTask;
        await _chutes.Silo.StartAsync();
    }

    /// <summary>Its status, if there was an answer before the death after all.</summary>
    private async Task<int?> DieOnceAsync(Func<Task<(int Status, string Body)>> step, Task reached)
    {
        var stepping = OrNoneAsync(step());
        await await Task.WhenAny(reached, stepping);
        await _chutes.Silo.KillAsync();
        return await stepping;
    }

    private Task RunsAsync(string id) => Eventually.Get("it to run", () => _chutes.Silo.GetAsync($"/api/instances/{id}"), seen => (string?)seen["state"] == "running");

    /// <summary>The status; null when no answer came.</summary>
    private static async Task<int?> OrNoneAsync(Task<(int Status, string Body)> answering)
    {
        try
        {
            return (await answering).Status;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    public sealed class Shared : IAsyncLifetime
    {
        internal ChutesSilo Chutes { get; private set; } = null!;

        public async Task InitializeAsync() => Chutes = await ChutesSilo.StartAsync(
            [ChutesSilo.Chute("one", target: 100), ChutesSilo.Chute("jobs")],
            [new JsonObject { ["job_id"] = "job", ["chute_id"] = "jobs", ["method"] = "train", ["ports"] = new JsonArray(new JsonObject { ["port"] = 2222 }) }]);

        public async Task DisposeAsync() => await Chutes.DisposeAsync();
    }
}
