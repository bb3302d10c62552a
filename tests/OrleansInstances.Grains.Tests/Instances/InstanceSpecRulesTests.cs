using System.Collections.Immutable;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Grains.Tests.Instances;

public sealed class InstanceSpecRulesTests
{
    private static readonly InstanceSpec Good = Given.Spec;

    private static readonly InstanceSpec Remote = new() { Driver = Drivers.Remote, Remote = new RemoteSpec("node.example", 9000) };

    public static TheoryData<string, InstanceSpec> Faults() => new()
    {
        { "name", Good with { Name = new string('n', 129) } },
        { "name", Good with { Name = "a\nb" } },
        { "region", Good with { Region = new string('r', 129) } },
        { "node", Good with { Node = new string('n', 129) } },
        { "driver", Good with { Driver = "" } },
        { "cwd", Good with { Cwd = "/" + new string('c', 4095) } },
        { "command", Good with { Command = [] } },
        { "command", Good with { Command = default } },
        { "command", Good with { Command = [""] } },
        { "command", Good with { Command = ["/bin/echo", "a\0b"] } },
        { "command", Good with { Command = [.. Enumerable.Repeat("x", 1025)] } },
        { "env", Good with { Env = One("1A", "x") } },
        { "env", Good with { Env = One("A-B", "x") } },
        { "env", Good with { Env = One("OI_EPOCH", "7") } },
        { "env", Good with { Env = One("A", "\0") } },
        { "env", Good with { Env = One("A", new string('x', 200_000)) } },
        { "cwd", Good with { Cwd = "relative" } },
        { "stop.timeout_seconds", Good with { Stop = new StopSpec(TimeoutSeconds: -1) } },
        { "stop.timeout_seconds", Good with { Stop = new StopSpec(TimeoutSeconds: double.NaN) } },
        { "stop.signal", Good with { Stop = new StopSpec("SIGNOTHING") } },
        { "restart.backoff_seconds", Good with { Restart = new RestartSpec(BackoffSeconds: 0) } },
        { "restart.max_backoff_seconds", Good with { Restart = new RestartSpec(MaxBackoffSeconds: double.PositiveInfinity) } },
        { "restart.reset_after_seconds", Good with { Restart = new RestartSpec(ResetAfterSeconds: -1) } },
        { "restart.max_attempts", Good with { Restart = new RestartSpec(MaxAttempts: -1) } },
        { "console.max_bytes", Good with { Console = new ConsoleSpec(1024) } },
        { "labels", Good with { Labels = One("", "x") } },
        { "labels", Good with { Labels = One("k", new string('v', 257)) } },
        { "labels", Good with { Labels = One("k\0", "v") } },
        { "labels", Good with { Labels = One("k", "\0") } },
        { "name", Good with { Name = "a\0b" } },
        { "region", Good with { Region = "a\0b" } },
        { "node", Good with { Node = "a\0b" } },
        { "driver", Good with { Driver = "\0" } },
        { "cwd", Good with { Cwd = "/\0" } },
        { "remote must", Remote with { Remote = null } },
        { "remote is", Good with { Remote = Remote.Remote } },
        { "remote.host", Remote with { Remote = new RemoteSpec("", 1) } },
        { "remote.host", Remote with { Remote = new RemoteSpec("a b", 1) } },
        { "remote.host", Remote with { Remote = new RemoteSpec("a\0", 1) } },
        { "remote.port", Remote with { Remote = new RemoteSpec("a", 0) } },
        { "remote.port", Remote with { Remote = new RemoteSpec("a", 65536) } },
        { "command", Remote with { Command = ["/bin/cat"] } },
        { "health.command", Remote with { Health = new HealthSpec { Command = ["/bin/true"] } } },
        { "health must", Good with { Health = new HealthSpec() } },
        { "health must", Good with { Health = new HealthSpec { TcpPort = 1, HttpPort = 1 } } },
        { "health.command", Good with { Health = new HealthSpec { Command = [""] } } },
        { "health.command", Good with { Health = new HealthSpec { Command = ["a\0"] } } },
        { "health.command", Good with { Health = new HealthSpec { Command = [.. Enumerable.Repeat("x", 1025)] } } },
        { "health.tcp.port", Good with { Health = new HealthSpec { TcpPort = -1 } } },
        { "health.http.port", Good with { Health = new HealthSpec { HttpPort = 65536 } } },
        { "health.http.path", Good with { Health = new HealthSpec { HttpPort = 80, HttpPath = "x" } } },
        { "health.http.path", Good with { Health = new HealthSpec { HttpPort = 80, HttpPath = "/a b" } } },
        { "health.http.path", Good with { Health = new HealthSpec { HttpPort = 80, HttpPath = "/\r\nHost: x" } } },
        { "health.interval_seconds", Good with { Health = new HealthSpec { TcpPort = 80, IntervalSeconds = 0 } } },
        { "health.timeout_seconds", Good with { Health = new HealthSpec { TcpPort = 80, TimeoutSeconds = double.NaN } } },
        { "health.retries", Good with { Health = new HealthSpec { TcpPort = 80, Retries = 0 } } },
        { "health.start_period_seconds", Good with { Health = new HealthSpec { TcpPort = 80, StartPeriodSeconds = -1 } } },
        { "user.uid", Good with { User = new InstanceUser(-1, 1) } },
        { "user.gid", Good with { User = new InstanceUser(1, 4294967295) } },
        { "user.groups", Good with { User = new InstanceUser(1, 1) { Groups = [-1] } } },
        { "user.groups", Good with { User = new InstanceUser(1, 1) { Groups = [.. Enumerable.Repeat(7L, 65)] } } },
        { "limits.memory_mb", Good with { Limits = new InstanceLimits(MemoryMb: -1) } },
        { "limits.cpus", Good with { Limits = new InstanceLimits(Cpus: 0.001) } },
        { "limits.cpus", Good with { Limits = new InstanceLimits(Cpus: double.NaN) } },
        { "limits.pids", Good with { Limits = new InstanceLimits(Pids: -1) } },
        { "depends_on", Good with { DependsOn = [.. Enumerable.Range(0, 33).Select(_ => new InstanceDependency(Guid.NewGuid()))] } },
        { "depends_on", Good with { DependsOn = [new(Given.Id), new(Given.Id, DependencyCondition.Healthy)] } },
        { "depends_on", Good with { DependsOn = [new(Given.Id, (DependencyCondition)7)] } },
        { "app_id", Good with { Deployment = new DeploymentSpec { AppId = new string('a', 129) } } },
        { "service_id", Good with { Deployment = new DeploymentSpec { ServiceId = "a\0b" } } },
        { "deployment_id", Good with { Deployment = new DeploymentSpec { DeploymentId = "a\nb" } } },
        { "regional_deployment_id", Good with { Deployment = new DeploymentSpec { RegionalDeploymentId = "\0" } } },
        { "allocation_id", Good with { Deployment = new DeploymentSpec { AllocationId = "\0" } } },
        { "replica_index", Good with { Deployment = new DeploymentSpec { ReplicaIndex = -1 } } },
        { "type", Good with { Deployment = new DeploymentSpec { Type = "\0" } } },
        { "datacenter", Good with { Deployment = new DeploymentSpec { Datacenter = "\0" } } },
    };

    [Fact]
    public void A_plain_command_is_accepted() => Assert.Null(InstanceSpecRules.Check(Good));

    [Fact]
    public void A_remote_workload_is_accepted_without_a_command()
    {
        Assert.Null(InstanceSpecRules.Check(Remote));
        Assert.Null(InstanceSpecRules.Check(Remote with { Remote = new RemoteSpec("::1", 65535), Health = new HealthSpec { TcpPort = 1 } }));
    }

    [Fact]
    public void Checks_and_dependencies_are_accepted()
    {
        Assert.Null(InstanceSpecRules.Check(Good with { Health = new HealthSpec { Command = ["true"] }, DependsOn = [new(Given.Id)] }));
        Assert.Null(InstanceSpecRules.Check(Good with { Health = new HealthSpec { TcpPort = 65535 }, DependsOn = default }));
        Assert.Null(InstanceSpecRules.Check(Good with { Health = new HealthSpec { HttpPort = 1, HttpPath = "/a?b=%20" } }));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_refused_with_the_name_of_its_field(string field, InstanceSpec spec)
    {
        var refusal = InstanceSpecRules.Check(spec);

        Assert.Equal(RefusalKind.Invalid, refusal?.Kind);
        Assert.StartsWith(field, refusal!.Message, StringComparison.Ordinal);
    }

    private static ImmutableDictionary<string, string> One(string key, string value) =>
        ImmutableDictionary<string, string>.Empty.Add(key, value);
}
