using OrleansInstances.Keeper.Cgroups;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

/// <summary>Limits that the kernel enforces, with real programs that go beyond them.</summary>
public sealed class LimitsTests
{
    private const long MiB = 1024 * 1024;

    private static readonly RunLimits None = new(0, 0, 0, Required: false);

    [NeedsCgroupsFact]
    public async Task A_program_beyond_its_memory_is_ended_and_the_record_says_why()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("exec head -c 300m /dev/zero | tail") with { Limits = None with { MemoryBytes = 64 * MiB } };

        var run = await node.Client.RunAsync(start);
        var ended = await node.Client.EndAsync(start.InstanceId);

        Assert.Equal(new EnforcedLimits(true, null, null, null), run.Enforced);
        Assert.Equal((RunRecordPhase.Exited, 137), (ended.Phase, ended.ExitCode));
        Assert.InRange(ended.OomKills, 1, 2);
        Assert.All(run.Cgroup!, folder => Assert.False(Directory.Exists(folder)));
    }

    [NeedsCgroupsFact]
    public async Task A_keeper_with_limits_to_enforce_has_no_library_of_cryptography_in_memory()
    {
        await using var node = await TestNode.StartAsync();
        await node.Client.RunAsync(TestNode.Script("sleep 1000") with { Limits = None with { Pids = 5 } });

        Assert.DoesNotContain("libcrypto", await File.ReadAllTextAsync($"/proc/{node.KeeperPid}/maps"), StringComparison.Ordinal);
    }

    [NeedsCgroupsFact]
    public async Task A_program_within_its_limits_ends_as_it_likes_and_leaves_no_cgroup()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("cat /proc/self/cgroup; exit 3") with { Limits = new RunLimits(64 * MiB, 0.5, 16, Required: true) };

        var run = await node.Client.RunAsync(start);
        var ended = await node.Client.EndAsync(start.InstanceId);

        Assert.Equal((3, 0, new EnforcedLimits(true, true, true, null)), (ended.ExitCode, ended.OomKills, ended.Enforced));
        var seen = node.ConsoleText(start.InstanceId);
        foreach (var controller in (string[])["memory", "cpu", "pids"])
        {
            Assert.Contains(seen.Split('\n'), line => line.Contains($":{controller}", StringComparison.Ordinal) && line.EndsWith($"/{start.InstanceId:N}-1", StringComparison.Ordinal));
        }

        Assert.All(run.Cgroup!, folder => Assert.False(Directory.Exists(folder)));
    }

    [NeedsCgroupsFact]
    public async Task All_that_a_program_forks_counts()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; wait") with { Limits = None with { Pids = 5 } };

        await node.Client.RunAsync(start);
        await node.ConsoleContainsAsync(start.InstanceId, "Cannot fork");

        await node.Client.SendAsync(new StopRequest(start.InstanceId, 1, 9, 0));
        await node.Client.EndAsync(start.InstanceId);
    }

    [NeedsCgroupsFact]
    public async Task Half_a_processor_is_half_a_processor()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("while :; do :; done") with { Limits = None with { Cpus = 0.25 } };

        var run = await node.Client.RunAsync(start);
        var quota = File.ReadAllText(Path.Combine(Assert.Single(run.Cgroup!), "cpu.cfs_quota_us")).Trim();
        await Eventually.TrueAsync(
            () => File.ReadLines(Path.Combine(run.Cgroup!.Single(), "cpu.stat")).Any(line => line.StartsWith("nr_throttled ", StringComparison.Ordinal) && line != "nr_throttled 0"),
            "the program held back");

        Assert.Equal("25000", quota);
        await node.Client.SendAsync(new StopRequest(start.InstanceId, 1, 9, 0));
        await node.Client.EndAsync(start.InstanceId);
    }

    [NeedsCgroupsFact]
    public async Task The_next_keeper_knows_of_limits_and_of_what_became_of_them()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("while [ ! -e go ]; do sleep 0.02; done; head -c 300m /dev/zero | tail") with { Limits = None with { MemoryBytes = 64 * MiB } };
        var run = await node.Client.RunAsync(start);

        await node.RestartKeeperAsync();
        await File.WriteAllTextAsync(Path.Combine(node.Folder(start.InstanceId).Files, "go"), "");
        var ended = await node.Client.EndAsync(start.InstanceId);

        Assert.InRange(ended.OomKills, 1, 2);
        Assert.All(run.Cgroup!, folder => Assert.False(Directory.Exists(folder)));
    }

    [NeedsCgroupsFact]
    public async Task A_cgroup_that_a_dead_keeper_left_is_removed_by_the_next()
    {
        await using var node = await TestNode.StartAsync();
        var start = TestNode.Script("sleep 1000") with { Limits = None with { Pids = 5 } };
        var folder = Assert.Single((await node.Client.RunAsync(start)).Cgroup!);
        var left = Path.Combine(Path.GetDirectoryName(folder)!, "left");
        Directory.CreateDirectory(left);

        await node.RestartKeeperAsync();

        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(folder));
        await node.Client.SendAsync(new StopRequest(start.InstanceId, 1, 9, 0));
        await node.Client.EndAsync(start.InstanceId);
    }

    [NeedsCgroupsFact]
    public async Task What_cannot_be_enforced_is_told_or_refused_when_required()
    {
        await using var node = await TestNode.StartAsync(shell: "for c in memory pids; do mount --bind /sys/fs/cgroup/$c /sys/fs/cgroup/$c && mount -o remount,ro,bind /sys/fs/cgroup/$c; done;", unshare: true);
        var start = TestNode.Script("echo ran") with { Limits = new RunLimits(64 * MiB, 1, 0, Required: false) };
        var required = TestNode.Script("echo ran") with { Limits = start.Limits! with { Required = true } };

        var run = await node.Client.RunAsync(start);
        var refused = (await node.Client.SendAsync(required)).Run!;

        Assert.Equal((false, true, null), (run.Enforced!.Memory, run.Enforced.Cpus, run.Enforced.Pids));
        Assert.StartsWith("The memory limit can't be enforced:", run.Enforced.Why, StringComparison.Ordinal);
        await node.ConsoleContainsAsync(start.InstanceId, "ran");
        Assert.Equal((RunRecordPhase.StartFailed, run.Enforced.Why), (refused.Phase, refused.Message));
        Assert.False(Directory.Exists(node.Folder(required.InstanceId).Console));
        await node.Client.EndAsync(start.InstanceId);
    }

    [NeedsCgroupsFact]
    public async Task A_program_that_is_missing_leaves_no_cgroup()
    {
        await using var node = await TestNode.StartAsync();
        var good = TestNode.Script("read line") with { Limits = None with { Pids = 5 } };
        var parent = Path.GetDirectoryName(Assert.Single((await node.Client.RunAsync(good)).Cgroup!))!;

        var missing = (await node.Client.SendAsync(TestNode.Command(["/no/such"]) with { Limits = None with { Pids = 5 } })).Run!;

        Assert.Equal(RunRecordPhase.StartFailed, missing.Phase);
        Assert.Single(Directory.GetDirectories(parent));
        await node.Client.SendAsync(new StopRequest(good.InstanceId, 1, 9, 0));
        await node.Client.EndAsync(good.InstanceId);
    }

    /// <summary>Plain files in the kernel's place: which are written with what, on machines whose controllers are all v1 too.</summary>
    [Fact]
    public void On_v2_the_controllers_are_handed_down_and_the_limits_written_swap_included()
    {
        var root = Directory.CreateTempSubdirectory("oi-cgroup-");
        var places = ((string[])["memory", "cpu", "pids"]).ToDictionary(controller => controller, _ => new CgroupPlace(root.FullName, IsUnified: true));
        var cgroups = new RunCgroups("/data", places);
        var limits = new RunLimits(64 * MiB, 0.5, 16, Required: false);
        var id = Guid.NewGuid();
        Make(root.FullName, "cgroup.subtree_control", "cgroup.procs");

        // Only the kernel puts the files of a new cgroup there; so each level is made by an attempt that finds none.
        Assert.Equal((false, false, false), Enforced(cgroups.Create(id, 1, limits)));
        var runs = Assert.Single(root.GetDirectories("oi-*")).FullName;
        Make(runs, "cgroup.subtree_control", "cgroup.procs");
        Assert.Equal((false, false, false), Enforced(cgroups.Create(id, 1, limits)));
        var run = Path.Combine(runs, $"{id:N}-1");
        Make(run, "memory.max", "memory.swap.max", "cpu.max", "pids.max");

        Assert.Equal((true, true, true), Enforced(cgroups.Create(id, 1, limits)));

        Assert.StartsWith("+pids", File.ReadAllText(Path.Combine(runs, "cgroup.subtree_control")), StringComparison.Ordinal);
        Assert.Equal(
            ["67108864", "0", "50000 100000", "16"],
            ((string[])["memory.max", "memory.swap.max", "cpu.max", "pids.max"]).Select(file => File.ReadAllText(Path.Combine(run, file))));
        root.Delete(recursive: true);

        static (bool?, bool?, bool?) Enforced(RunCgroup cgroup) => (cgroup.Enforced.Memory, cgroup.Enforced.Cpus, cgroup.Enforced.Pids);

        static void Make(string folder, params string[] files) => Array.ForEach(files, file => File.WriteAllText(Path.Combine(folder, file), ""));
    }

    [Fact]
    public void Cgroups_are_found_in_both_versions_and_below_a_containers_root()
    {
        string[] v1 = ["31 30 0:28 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct", "34 30 0:31 /docker/x /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory", "22 1 0:20 / /proc rw - proc proc rw"];
        string[] v2 = ["40 30 0:37 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate"];

        var first = CgroupPlace.Parse(v1, ["4:memory:/docker/x/y", "1:cpu,cpuacct:/a/b", "8:pids:/", "0::/z"], _ => []);
        var second = CgroupPlace.Parse(v2, ["0::/system.slice/oi.service"], folder => folder == "/sys/fs/cgroup/system.slice/oi.service" ? ["cpu", "memory"] : []);
        var both = CgroupPlace.Parse([.. v1, "41 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"], ["4:memory:/docker/x", "0::/"], _ => ["memory", "pids"]);

        Assert.Equal(new CgroupPlace("/sys/fs/cgroup/memory/y", false), first["memory"]);
        Assert.Equal((new CgroupPlace("/sys/fs/cgroup/cpu/a/b", false), first["cpuacct"]), (first["cpu"], first["cpu"]));
        Assert.False(first.ContainsKey("pids"));
        Assert.Equal(new CgroupPlace("/sys/fs/cgroup/system.slice/oi.service", true), second["memory"]);
        Assert.Equal((new CgroupPlace("/sys/fs/cgroup/memory", false), new CgroupPlace("/sys/fs/cgroup/unified", true)), (both["memory"], both["pids"]));
    }
}
