using System.Collections.Immutable;
using OrleansInstances.Grains.Tests.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Grains.Tests.Cluster;

/// <summary>Instances that wait for others, on a real silo. Nothing sweeps here: whatever happens comes of an event.</summary>
public sealed class DependencyTests(GrainHost host) : IClassFixture<GrainHost>
{
    private readonly Guid _base = Guid.NewGuid();
    private readonly Guid _dependent = Guid.NewGuid();

    [Fact]
    public async Task A_dependent_starts_as_soon_as_what_it_waits_for_runs()
    {
        await CreateAsync(_base, start: false);
        var pending = await CreateAsync(_dependent, [new(_base)]);

        Assert.Equal((InstanceStatus.Pending, $"Waits for {_base}, which is stopped."), (pending.Status, pending.Message));
        await host.Instance(_base).StartAsync();
        Assert.Empty(host.Node.OrdersFor(_dependent));
        await ReportAsync(_base, InstanceHealth.Unknown);

        await UntilAsync(_dependent, InstanceStatus.Starting);

        // Has its turn once the one that starts it is over.
        await ReportAsync(_dependent, InstanceHealth.Unknown);
        Assert.Equal(["start 1"], host.Node.OrdersFor(_dependent));
    }

    [Fact]
    public async Task A_dependent_may_wait_for_health()
    {
        await CreateAsync(_base, health: new HealthSpec { TcpPort = 80 });
        await ReportAsync(_base, InstanceHealth.Unknown);
        var pending = await CreateAsync(_dependent, [new(_base, DependencyCondition.Healthy)]);

        Assert.Equal($"Waits for {_base}, which is not healthy yet.", pending.Message);
        await ReportAsync(_base, InstanceHealth.Healthy);

        await UntilAsync(_dependent, InstanceStatus.Starting);
    }

    [Fact]
    public async Task All_of_several_dependencies_are_waited_for()
    {
        var other = Guid.NewGuid();
        await CreateAsync(_base);
        await CreateAsync(other);
        await CreateAsync(_dependent, [new(_base), new(other)]);

        await ReportAsync(_base, InstanceHealth.Unknown);
        await UntilAsync(_dependent, InstanceStatus.Pending, $"Waits for {other}, which is starting.");
        await ReportAsync(other, InstanceHealth.Unknown);

        await UntilAsync(_dependent, InstanceStatus.Starting);
    }

    [Fact]
    public async Task A_dependency_that_can_never_be_met_is_named()
    {
        await CreateAsync(_base);
        await ReportAsync(_base, InstanceHealth.Unknown);

        var unhealthy = await CreateAsync(_dependent, [new(_base, DependencyCondition.Healthy)]);
        var missing = await CreateAsync(Guid.NewGuid(), [new(Guid.Empty)]);

        Assert.Equal($"Waits for {_base}, which has no health checks.", unhealthy.Message);
        Assert.Equal($"Waits for {Guid.Empty}, which does not exist.", missing.Message);
    }

    [Fact]
    public async Task A_circle_of_dependencies_is_refused()
    {
        await CreateAsync(_base, start: false);
        await CreateAsync(_dependent, [new(_base)], start: false);

        var circle = await host.Instance(_base).UpdateAsync(new InstancePatch { DependsOn = [new(_dependent)] });
        var itself = await host.Instance(_base).UpdateAsync(new InstancePatch { DependsOn = [new(_base)] });

        Assert.Equal(("circular_dependency", "circular_dependency"), (circle.Refusal?.Code, itself.Refusal?.Code));
        Assert.Empty((await host.Instance(_base).GetAsync()).Instance!.Spec.DependsOn);
    }

    [Fact]
    public async Task A_pending_dependent_that_is_stopped_stays_stopped()
    {
        await CreateAsync(_base, start: false);
        await CreateAsync(_dependent, [new(_base)]);

        await host.Instance(_dependent).StopAsync();
        await host.Instance(_base).StartAsync();
        await ReportAsync(_base, InstanceHealth.Unknown);
        await host.Instance(_dependent).WakeAsync();

        Assert.Equal(InstanceStatus.Stopped, (await host.Instance(_dependent).GetAsync()).Instance!.Status);
        Assert.Empty(host.Node.OrdersFor(_dependent));
    }

    private async Task<InstanceSnapshot> CreateAsync(Guid id, ImmutableArray<InstanceDependency> dependsOn = default, HealthSpec? health = null, bool start = true)
    {
        var spec = Given.Spec with { DependsOn = dependsOn.IsDefault ? [] : dependsOn, Health = health };
        return (await host.Instance(id).CreateAsync(spec, "admin", start)).Instance!;
    }

    private Task ReportAsync(Guid id, InstanceHealth health) => host.Instance(id).ReportAsync(new RunReport
    {
        Run = new RunKey(id, 1),
        Phase = RunPhase.Running,
        Node = Given.Node,
        At = DateTimeOffset.UtcNow,
        Health = health,
    });

    private async Task UntilAsync(Guid id, InstanceStatus status, string? message = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var seen = (await host.Instance(id).GetAsync()).Instance!;
        while (seen.Status != status || seen.Message != message)
        {
            Assert.False(limit.IsCancellationRequested, $"Waited 20 s for {status} {message}; it is {seen.Status} {seen.Message}");
            seen = (await host.Instance(id).WaitAsync(seen.Version, TimeSpan.FromSeconds(1))).Instance!;
        }
    }
}
