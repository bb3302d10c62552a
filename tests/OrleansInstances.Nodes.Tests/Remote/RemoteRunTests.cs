using System.Net;
using System.Net.Sockets;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Remote;

/// <summary>Workloads that run elsewhere, beside a real keeper that knows nothing of them.</summary>
public sealed class RemoteRunTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeGrains _grains = new();
    private readonly RunKey _run = TestRuntime.NewRun();
    private NodeRuntime _runtime = null!;

    public async Task InitializeAsync() => _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await TestRuntime.StopKeeperAsync(_folder.Path);
        _folder.Dispose();
    }

    [Fact]
    public async Task It_is_followed_at_once_and_nothing_is_spawned()
    {
        await StartAsync();

        Assert.False(Directory.Exists(new InstanceFolder(_folder.Path, _run.InstanceId).Path));
        Assert.Equal(1, _runtime.Used.Instances);
        Assert.Null((await _runtime.StopAsync(_run, "SIGTERM", TimeSpan.FromSeconds(10))).Refusal);
        var end = await _grains.WaitForAsync(_run, RunPhase.Exited);
        Assert.True(end is { StopRequested: true, ExitCode: null, Message: "It is no longer followed; what runs elsewhere was not touched." });
        Assert.Equal(0, _runtime.Used.Instances);
    }

    [Fact]
    public async Task It_is_paused_and_resumed()
    {
        await StartAsync();

        await _runtime.PauseAsync(_run);
        await _grains.WaitForAsync(_run, RunPhase.Paused);
        await _runtime.ResumeAsync(_run);

        await Eventually.TrueAsync(() => _grains.AcceptedOf(_run.InstanceId).Count(report => report.Phase == RunPhase.Running) == 2, "it is resumed");
    }

    [Fact]
    public async Task The_next_silo_goes_on_with_it_and_with_its_checks()
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        await StartAsync(new HealthSpec { TcpPort = PortOf(port), IntervalSeconds = 0.1, Retries = 1 });
        await HealthAsync(InstanceHealth.Healthy, adopted: false);

        await _runtime.DisposeAsync();
        _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);

        Assert.True(await _runtime.InspectAsync(_run) is { Phase: RunPhase.Running, Adopted: true });
        Assert.Equal(1, _runtime.Used.Instances);
        await HealthAsync(InstanceHealth.Healthy, adopted: true);
        port.Stop();
        await HealthAsync(InstanceHealth.Unhealthy, adopted: true);
    }

    [Fact]
    public async Task Its_page_is_asked_for_at_its_own_host()
    {
        using var port = new TcpListener(IPAddress.IPv6Loopback, 0);
        port.Start();
        await StartAsync(new HealthSpec { HttpPort = PortOf(port), HttpPath = "//a?b=c", IntervalSeconds = 60 }, host: "::1");

        using var asked = await port.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(asked.GetStream());
        Assert.Equal("GET //a?b=c HTTP/1.1", await reader.ReadLineAsync());
        Assert.Equal($"Host: [::1]:{PortOf(port)}", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task What_only_its_own_host_can_do_is_refused_clearly_and_at_once()
    {
        await StartAsync();

        Assert.Equal("runs_elsewhere", (await _runtime.SignalAsync(_run, "SIGHUP")).Refusal!.Code);
        Assert.Equal("runs_elsewhere", (await _runtime.WriteInputAsync(_run, "x"u8.ToArray(), close: false)).Refusal!.Code);
        var output = _runtime.ReadOutputAsync(new OutputQuery(_run.InstanceId, 0, null, null, 100) { Wait = TimeSpan.FromSeconds(20) });
        Assert.True(output.IsCompleted);
        Assert.Null(await output);
    }

    [Fact]
    public async Task An_epoch_that_was_stopped_before_it_came_is_not_followed_any_more()
    {
        await _runtime.StopAsync(_run with { Epoch = 2 }, "SIGKILL", TimeSpan.Zero);
        await _grains.WaitForAsync(_run with { Epoch = 2 }, RunPhase.Exited);

        Assert.Equal("stale_epoch", (await _runtime.StartAsync(Order(_run))).Refusal!.Code);
    }

    [Fact]
    public async Task The_next_epoch_takes_the_place_of_the_one_before()
    {
        await StartAsync();

        var next = _run with { Epoch = 2 };
        Assert.Null((await _runtime.StartAsync(Order(next))).Refusal);
        await _grains.WaitForAsync(next, RunPhase.Running);

        Assert.True(await _runtime.InspectAsync(_run) is { Phase: RunPhase.Exited });
        Assert.Equal(1, _runtime.Used.Instances);
    }

    [Fact]
    public async Task Without_a_lease_only_what_stays_is_followed_on()
    {
        var stays = TestRuntime.NewRun();
        await StartAsync();
        await _runtime.StartAsync(Order(stays, policy: NodeLossPolicy.Wait));
        await _grains.WaitForAsync(stays, RunPhase.Running);

        await _runtime.FenceAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(await _runtime.InspectAsync(_run) is { Phase: RunPhase.Exited, Fenced: true });
        Assert.True(await _runtime.InspectAsync(stays) is { Phase: RunPhase.Running });
    }

    [Fact]
    public async Task Nothing_of_it_is_left_once_it_is_removed()
    {
        await StartAsync();
        Assert.Equal("running", (await _runtime.RemoveAsync(_run.InstanceId)).Refusal!.Code);

        await _runtime.StopAsync(_run, "SIGKILL", TimeSpan.Zero);
        await _grains.WaitForAsync(_run, RunPhase.Exited);
        Assert.Null((await _runtime.RemoveAsync(_run.InstanceId)).Refusal);

        await Eventually.TrueAsync(() => Directory.GetFiles(Path.Combine(_folder.Path, "remote")).Length == 0, "its file is gone");
        Assert.Null(await _runtime.InspectAsync(_run));
    }

    [Fact]
    public async Task A_file_that_can_not_be_read_keeps_no_node_from_starting()
    {
        await StartAsync();
        await _runtime.DisposeAsync();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "remote")));
        await File.WriteAllTextAsync(file, "{");

        _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);

        Assert.Null(await _runtime.InspectAsync(_run));
    }

    private async Task StartAsync(HealthSpec? health = null, string host = "127.0.0.1")
    {
        Assert.Null((await _runtime.StartAsync(Order(_run, health, host))).Refusal);
        await _grains.WaitForAsync(_run, RunPhase.Running);
    }

    private static StartRun Order(RunKey run, HealthSpec? health = null, string host = "127.0.0.1", NodeLossPolicy policy = NodeLossPolicy.Move) =>
        new(run, new InstanceSpec { Driver = Drivers.Remote, Remote = new RemoteSpec(host, 1), Health = health, OnNodeLoss = policy });

    private Task HealthAsync(InstanceHealth health, bool adopted) => Eventually.TrueAsync(
        () => _grains.AcceptedOf(_run.InstanceId).Any(report => report.Health == health && report.Adopted == adopted), $"it is {health}");

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
