namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Limits and users from a request to the program. What this machine can't do is told, which is what is asserted then.</summary>
public sealed class LimitsTests
{
    [Fact]
    public async Task What_is_enforced_is_told_and_an_end_at_the_memory_limit_is_an_event()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        var hungry = await silo.CreateAsync(new { command = new[] { "/bin/sh", "-c", "head -c 300m /dev/zero | tail | wc -c; exit 7" }, limits = new { memory_mb = 64, pids = 50 } });

        var ended = await silo.WaitForStateAsync(hungry, "failed");
        var enforced = ended["limits"]!["enforced"]!;
        var events = (await silo.GetAsync($"/api/instances/{hungry["uuid"]}/events")).AsArray().Select(happened => (string)happened!["type"]!).ToList();

        Assert.Null((bool?)enforced["cpus"]);
        if ((bool)enforced["memory"]!)
        {
            Assert.Contains("oom", events);
            Assert.StartsWith("Out of memory at its limit of 64 MiB.", (string?)ended["message"], StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("The memory limit can't be enforced:", (string?)enforced["message"], StringComparison.Ordinal);
            Assert.DoesNotContain("oom", events);
        }
    }

    [Fact]
    public async Task A_start_as_another_user_runs_as_that_user_checks_included_or_says_why_not()
    {
        await using var silo = await RunningSilo.StartNewAsync();
        await Task.Run(() => MakePassable(silo.Data));
        var instance = await silo.CreateAsync(new
        {
            command = new[] { "/bin/sh", "-c", "id -u; exec sleep 1000" },
            user = new { uid = 61234 },
            health = new { command = new[] { "sh", "-c", "[ $(id -u) = 61234 ] && echo checked > checked" }, interval_seconds = 0.1 },
        });

        if (Environment.IsPrivilegedProcess)
        {
            await Eventually.Get("its user", () => silo.OutputOfAsync(instance), output => output == "61234\n");
            await Eventually.Get("it to be healthy", () => silo.GetAsync(instance), seen => (bool?)seen["healthy"] == true);
            // The next check may be writing it anew.
            await Eventually.Get("its mark", () => File.ReadAllTextAsync(Path.Combine(silo.FilesOf(instance), "checked")), mark => mark == "checked\n");
        }
        else
        {
            var failed = await silo.WaitForStateAsync(instance, "failed");
            Assert.Contains("The keeper is not root", (string?)failed["message"], StringComparison.Ordinal);
        }
    }

    /// <summary>The temporary folders above the data folder are not the silo's to open.</summary>
    private static void MakePassable(string data)
    {
        for (var folder = Path.GetDirectoryName(data); folder is not null && folder != Path.GetPathRoot(data); folder = Path.GetDirectoryName(folder))
        {
            var mode = File.GetUnixFileMode(folder);
            if (!mode.HasFlag(UnixFileMode.OtherExecute))
            {
                File.SetUnixFileMode(folder, mode | UnixFileMode.OtherExecute);
            }
        }
    }
}
