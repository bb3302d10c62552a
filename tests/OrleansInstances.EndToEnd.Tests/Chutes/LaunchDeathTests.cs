using OrleansInstances.Hotkeys.Tests;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>kill -9 of the silo between any two steps of a launch, and in the middle of the long ones.</summary>
public sealed class LaunchDeathTests
{
    [NeedsSodiumFact]
    public async Task A_launch_goes_on_after_a_death_between_any_two_steps()
    {
        await using var chutes = await ChutesSilo.StartAsync([ChutesSilo.Chute("one")]);
        var token = await chutes.IssueAsync("one");
        using var pod = new TestPod(chutes, token, [chutes.Gpu(0)]);

        await chutes.RestartAsync();
        await pod.ClaimAsync();
        await chutes.RestartAsync();
        Assert.Equal(401, (await pod.TryClaimAsync()).Status);
        var id = (string)(await pod.ProveAsync())["instance_id"]!;
        await chutes.RestartAsync();
        Assert.Equal(400, (await pod.TryProveAsync()).Status);
        pod.Serve();
        await pod.ActivateAsync();
        await chutes.RestartAsync();
        await pod.ActivateAsync();
        await Eventually.Get("it to run", () => chutes.Silo.GetAsync($"/api/instances/{id}"), seen => (string?)seen["state"] == "running");
        Assert.Equal(200, (await chutes.DeleteAsync("one", id)).Status);
        await chutes.RestartAsync();
        Assert.Equal(404, (await chutes.DeleteAsync("one", id)).Status);

        using var next = new TestPod(chutes, await chutes.IssueAsync("one"), [chutes.Gpu(0)]) { Port = pod.Port };
        await next.ClaimAsync();
        string[] launch = ["issued", "claimed", "verified", "activated"];
        Assert.Equal(launch, (await chutes.EventsAsync(id)).Where(launch.Contains));
    }

    /// <summary>While the GPU is challenged nothing is claimed; while its proof is checked nothing is decided.</summary>
    [NeedsSodiumFact]
    public async Task A_death_in_the_middle_of_a_step_leaves_what_was_before_it()
    {
        await using var chutes = await ChutesSilo.StartAsync([ChutesSilo.Chute("one")]);
        using var pod = new TestPod(chutes, await chutes.IssueAsync("one"), [chutes.Gpu(0)]);

        await DieInAsync(chutes, () => pod.TryClaimAsync(), "/encrypt");
        await pod.ClaimAsync();
        await DieInAsync(chutes, () => pod.TryProveAsync(), "/check_proof");
        await pod.ProveAsync();
        await pod.ActivateAsync();
    }

    private static async Task DieInAsync(ChutesSilo chutes, Func<Task<(int Status, string Body)>> step, string asked)
    {
        var forever = new TaskCompletionSource();
        chutes.Graval.Until = forever.Task;
        var before = chutes.Graval.Requests.Count;
        var stepping = step();
        await Eventually.Holds($"the service to be asked for {asked}", () => chutes.Graval.Requests.Skip(before).Any(request => request.Path == asked));

        await chutes.Silo.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => stepping);
        chutes.Graval.Until = Task.CompletedTask;
        await chutes.Silo.StartAsync();
    }
}
