using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Keeper;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Tests.Testing;
using OrleansInstances.Nodes.Usage;

namespace OrleansInstances.Nodes.Tests.Usage;

/// <summary>On real processes; the clock of the samples is the test's.</summary>
public sealed class UsageSamplerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<Process> _processes = [];
    private readonly List<RunRecord> _runs = [];
    private readonly UsageSampler _sampler;
    private int _samples;

    public UsageSamplerTests() => _sampler = new UsageSampler(_folder.Path, () =>
    {
        _samples++;
        return _runs;
    }, id => _runs.Find(run => run.InstanceId == id), _time);

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task One_sample_serves_everybody_for_a_second()
    {
        var id = Run("sleep 1000");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _sampler.GetAsync([id])));
        _time.Advance(TimeSpan.FromSeconds(0.9));
        await _sampler.GetAsync([id]);
        Assert.Equal(1, _samples);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        await _sampler.GetAsync([id]);
        Assert.Equal(2, _samples);
    }

    [Fact]
    public async Task A_run_that_came_up_after_the_sample_has_numbers_at_once_for_who_asks_for_it_alone()
    {
        var old = Run("sleep 1000");
        await _sampler.GetAsync([old]);
        var fresh = Run("sleep 1000");

        Assert.Equal(fresh, Assert.Single(await _sampler.GetAsync([fresh])).InstanceId);
    }

    [Fact]
    public async Task Only_those_asked_for_that_are_alive_are_answered()
    {
        var (alive, other, gone) = (Run("sleep 1000"), Run("sleep 1000"), Run("sleep 1000"));
        _processes[2].Kill();
        await _processes[2].WaitForExitAsync();

        var usages = await _sampler.GetAsync([gone, alive, Guid.NewGuid()]);

        Assert.Equal(alive, Assert.Single(usages).InstanceId);
        Assert.NotEqual(other, alive);
    }

    [Fact]
    public async Task Cpu_is_told_for_the_time_since_the_previous_sample()
    {
        var burning = Run("while :; do :; done");
        var idle = Run("sleep 1000");
        var before = Ticks(_processes[0]);
        await _sampler.GetAsync([]);
        var after = Ticks(_processes[0]);
        await Eventually.TrueAsync(() => Ticks(_processes[0]) - after >= 50, "half a second of CPU burnt");

        _time.Advance(TimeSpan.FromSeconds(1));
        var usages = await _sampler.GetAsync([burning, idle]);

        Assert.InRange(usages[0].CpuPercent, 50, Ticks(_processes[0]) - before);
        Assert.InRange(usages[1].CpuPercent, 0, 5);
        Assert.Equal((_time.GetUtcNow(), TimeSpan.FromSeconds(1)), (usages[0].Heartbeat, usages[0].Uptime));
    }

    [Fact]
    public async Task Memory_is_that_of_the_whole_tree()
    {
        var one = Run("sleep 1000 & wait");
        var many = Run("for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait");
        var usages = default(ImmutableArray<InstanceUsage>);

        // A child has next to no memory of its own until it has become sleep.
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                usages = _sampler.GetAsync([one, many]).GetAwaiter().GetResult();
                return usages[1].MemoryBytes > 2 * usages[0].MemoryBytes;
            },
            "a tree of nine to have more than twice the memory of a tree of two",
            () => string.Join(", ", usages));
        Assert.InRange(usages[0].MemoryBytes, 1 << 18, 1 << 24);
        Assert.InRange(usages[1].MemoryBytes, 1 << 19, 1 << 26);
    }

    [Fact]
    public async Task Disk_is_the_folder_with_console_and_files_and_is_measured_every_ten_seconds()
    {
        var id = Run("sleep 1000");
        var folder = new InstanceFolder(_folder.Path, id);
        Directory.CreateDirectory(folder.Files);
        Directory.CreateDirectory(folder.Console);
        File.WriteAllBytes(Path.Combine(folder.Files, "a"), new byte[1000]);
        File.WriteAllBytes(Path.Combine(folder.Console, "b"), new byte[500]);
        File.CreateSymbolicLink(Path.Combine(folder.Files, "root"), "/usr");

        Assert.Equal(1500, await DiskAsync());
        File.WriteAllBytes(Path.Combine(folder.Files, "c"), new byte[7]);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(1500, await DiskAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1507, await DiskAsync());

        async Task<long> DiskAsync() => (await _sampler.GetAsync([id])).Single().DiskBytes;
    }

    [Fact]
    public async Task A_stopped_process_is_alive()
    {
        var id = Run("sleep 1000");
        using var kill = Process.Start("kill", ["-STOP", $"{_processes[0].Id}"]);
        await kill.WaitForExitAsync();
        await Eventually.TrueAsync(() => File.ReadAllText($"/proc/{_processes[0].Id}/stat").Contains(") T ", StringComparison.Ordinal), "the process stopped");

        Assert.Single(await _sampler.GetAsync([id]));
    }

    private Guid Run(string script)
    {
        var process = Process.Start("/bin/sh", ["-c", script]);
        _processes.Add(process);
        _runs.Add(new RunRecord
        {
            InstanceId = Guid.NewGuid(),
            Epoch = 1,
            Phase = RunRecordPhase.Running,
            Pid = process.Id,
            StartTicks = Stat(process).StartTicks,
            StartedAt = _time.GetUtcNow(),
        });
        return _runs[^1].InstanceId;
    }

    private static ProcessStat Stat(Process process) =>
        ProcessStat.TryParse(File.ReadAllBytes($"/proc/{process.Id}/stat"), out var stat) ? stat : throw new InvalidDataException();

    private static long Ticks(Process process) => Stat(process).Cpu;
}
