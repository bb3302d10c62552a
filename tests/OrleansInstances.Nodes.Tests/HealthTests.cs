using System.Net;
using System.Net.Sockets;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests;

/// <summary>Health checks of real programs.</summary>
public sealed class HealthTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeGrains _grains = new();
    private NodeRuntime _runtime = null!;

    public async Task InitializeAsync() => _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await TestRuntime.StopKeeperAsync(_folder.Path);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_command_is_run_in_the_instances_folder_with_its_variables_and_every_change_is_reported()
    {
        var run = await StartAsync(new HealthSpec { Command = ["test", "-e", "well"], IntervalSeconds = 0.1, Retries = 2 });

        Assert.Equal("test ended with code 1.", (await ReportedAsync(run, InstanceHealth.Unhealthy)).HealthMessage);
        File.WriteAllText(Path.Combine(new InstanceFolder(_folder.Path, run.InstanceId).Files, "well"), "");
        await ReportedAsync(run, InstanceHealth.Healthy);
        await _runtime.StopAsync(run, "SIGKILL", TimeSpan.Zero);
        await _grains.WaitForAsync(run, RunPhase.Exited);

        var told = _grains.AcceptedOf(run.InstanceId).Select(report => (report.Phase, report.Health)).ToList();
        Assert.Equal(
            [(RunPhase.Running, InstanceHealth.Unknown), (RunPhase.Running, InstanceHealth.Unhealthy), (RunPhase.Running, InstanceHealth.Healthy), (RunPhase.Exited, InstanceHealth.Unknown)],
            told.SkipWhile(report => report.Health != InstanceHealth.Unknown));
    }

    [Fact]
    public async Task A_command_sees_the_instance_and_not_the_silo()
    {
        var run = await StartAsync(new HealthSpec { Command = ["sh", "-c", "env > seen.tmp && mv seen.tmp seen"], IntervalSeconds = 60 });

        await ReportedAsync(run, InstanceHealth.Healthy);

        var seen = File.ReadAllLines(Path.Combine(new InstanceFolder(_folder.Path, run.InstanceId).Files, "seen"));
        Assert.Contains("COLOUR=green", seen);
        Assert.Contains($"OI_INSTANCE_ID={run.InstanceId}", seen);
        Assert.DoesNotContain(seen, line => line.StartsWith("DOTNET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_check_that_takes_too_long_has_failed_and_leaves_nothing_behind()
    {
        var run = await StartAsync(new HealthSpec { Command = ["sh", "-c", "echo $$ > pid; sleep 1000"], IntervalSeconds = 60, TimeoutSeconds = 0.5, Retries = 1 });

        Assert.Equal("The check took longer than 0.5 s.", (await ReportedAsync(run, InstanceHealth.Unhealthy)).HealthMessage);

        var pid = File.ReadAllText(Path.Combine(new InstanceFolder(_folder.Path, run.InstanceId).Files, "pid")).Trim();
        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{pid}"), "the check's end");
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_unhealthy_with_its_name()
    {
        var run = await StartAsync(new HealthSpec { Command = ["/no/such/check"], IntervalSeconds = 60, Retries = 1 });

        Assert.Equal("/no/such/check ended with code 127.", (await ReportedAsync(run, InstanceHealth.Unhealthy)).HealthMessage);
    }

    [Fact]
    public async Task A_port_is_healthy_when_it_takes_connections()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var run = await StartAsync(new HealthSpec { TcpPort = port, IntervalSeconds = 0.1, Retries = 2 });
        await ReportedAsync(run, InstanceHealth.Healthy);
        listener.Stop();

        Assert.Contains("refused", (await ReportedAsync(run, InstanceHealth.Unhealthy)).HealthMessage, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("204 No Content", true)]
    [InlineData("302 Found", true)]
    [InlineData("503 Service Unavailable", false)]
    public async Task A_request_is_healthy_when_its_status_says_so(string status, bool healthy)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var request = AnswerAsync(listener, status);

        var run = await StartAsync(new HealthSpec { HttpPort = port, HttpPath = "/up?now", IntervalSeconds = 60, Retries = 1 });
        var report = await ReportedAsync(run, healthy ? InstanceHealth.Healthy : InstanceHealth.Unhealthy);

        Assert.Equal(healthy ? null : $"http://127.0.0.1:{port}/up?now answered 503.", report.HealthMessage);
        Assert.Equal("GET /up?now HTTP/1.1", await request);
    }

    [Fact]
    public async Task Failures_within_the_start_period_do_not_count()
    {
        var run = await StartAsync(new HealthSpec { Command = ["sh", "-c", "echo >> tries; [ $(wc -l < tries) -gt 3 ]"], IntervalSeconds = 0.1, Retries = 1, StartPeriodSeconds = 3600 });

        await ReportedAsync(run, InstanceHealth.Healthy);

        Assert.DoesNotContain(_grains.AcceptedOf(run.InstanceId), report => report.Health == InstanceHealth.Unhealthy);
    }

    [Fact]
    public async Task The_next_silo_goes_on_with_the_checks()
    {
        var run = await StartAsync(new HealthSpec { Command = ["test", "!", "-e", "ill"], IntervalSeconds = 0.1, Retries = 1 });
        await ReportedAsync(run, InstanceHealth.Healthy);

        await _runtime.DisposeAsync();
        _runtime = await TestRuntime.StartAsync(_folder.Path, _grains);
        File.WriteAllText(Path.Combine(new InstanceFolder(_folder.Path, run.InstanceId).Files, "ill"), "");

        await ReportedAsync(run, InstanceHealth.Unhealthy);
    }

    private static async Task<string?> AnswerAsync(TcpListener listener, string status)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream);
        var first = await reader.ReadLineAsync();
        while (await reader.ReadLineAsync() is { Length: > 0 })
        {
        }

        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        return first;
    }

    private async Task<RunKey> StartAsync(HealthSpec health)
    {
        var run = TestRuntime.NewRun();
        var order = TestRuntime.Order(run, "/bin/sleep", "1000");
        order = order with { Spec = order.Spec with { Health = health, Env = order.Spec.Env.Add("COLOUR", "green") } };
        Assert.Equal(NodeReply.Accepted, await _runtime.StartAsync(order));
        return run;
    }

    private async Task<RunReport> ReportedAsync(RunKey run, InstanceHealth health)
    {
        await Eventually.TrueAsync(
            () => _grains.AcceptedOf(run.InstanceId).LastOrDefault()?.Health == health,
            $"a report that it is {health}",
            () => string.Join(", ", _grains.AcceptedOf(run.InstanceId).Select(report => $"{report.Phase} {report.Health} {report.HealthMessage}")));
        return _grains.AcceptedOf(run.InstanceId).Last();
    }
}
