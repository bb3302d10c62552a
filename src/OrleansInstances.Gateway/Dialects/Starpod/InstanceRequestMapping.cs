using System.Collections.Immutable;
using System.Text.Json;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>
/// From a request to what the grain is given. Here is what belongs to the wire: words, nulls, unknown and unbuilt fields.
/// Which values make sense is the grain's to say.
/// </summary>
internal static class InstanceRequestMapping
{
    private const string NotSupported = "not_supported";

    private static readonly string[] Unbuilt = ["image", "ports", "template"];

    /// <summary>The spec of a new instance.</summary>
    /// <param name="request">The body.</param>
    /// <param name="defaultCommand">What runs when the body names no command.</param>
    public static Parsed<InstanceSpec> ToSpec(this InstanceRequest request, ImmutableArray<string> defaultCommand)
    {
        if (!request.ToPatch().TryGet(out var given, out var error))
        {
            return error;
        }

        if (request.Driver == Drivers.Remote)
        {
            return ApiError.Invalid($"driver: \"{Drivers.Remote}\" is for what miners bring up, which is made by launching it (docs/chutes.md).", NotSupported);
        }

        var defaults = new InstanceSpec();
        return new InstanceSpec
        {
            Name = given.Name,
            Region = given.Region,
            Node = given.Node,
            Driver = request.Driver ?? defaults.Driver,
            Command = given.Command ?? defaultCommand,
            Env = given.Env ?? defaults.Env,
            Cwd = given.Cwd,
            Stop = given.Stop ?? defaults.Stop,
            Restart = given.Restart ?? defaults.Restart,
            Console = given.Console ?? defaults.Console,
            Stdin = given.Stdin ?? defaults.Stdin,
            OnNodeLoss = given.OnNodeLoss ?? defaults.OnNodeLoss,
            Labels = given.Labels ?? defaults.Labels,
            Health = given.Health is { Kinds: 0 } ? null : given.Health,
            User = given.User is { Uid: < 0 } ? null : given.User,
            Limits = given.Limits ?? defaults.Limits,
            NodeLabels = given.NodeLabels ?? defaults.NodeLabels,
            Deployment = given.Deployment is { } deployment ? new DeploymentSpec().With(deployment) : null,
        };
    }

    /// <summary>The change to an instance that is there; an object given replaces the whole of it.</summary>
    public static Parsed<InstancePatch> ToPatch(this InstanceRequest request)
    {
        if (FaultOf(request) is { } fault)
        {
            return fault;
        }

        if (!TryRead(request.Stdin, StdinWords, out var stdin))
        {
            return WrongWord("stdin", StdinWords);
        }

        if (!TryRead(request.OnNodeLoss, NodeLossWords, out var onNodeLoss))
        {
            return WrongWord("on_node_loss", NodeLossWords);
        }

        if (!TryRead(request.Restart?.Policy, PolicyWords, out var policy))
        {
            return WrongWord("restart.policy", PolicyWords);
        }

        HealthSpec? health = null;
        if (request.Health is { } checks && !checks.ToSpec().TryGet(out health, out var error))
        {
            return error;
        }

        return new InstancePatch
        {
            Name = request.Name,
            Region = request.Region,
            Node = request.Node,
            Command = request.Command is { } command ? [.. command.Select(part => part!)] : null,
            Env = request.Env?.ToImmutableDictionary(pair => pair.Key, pair => pair.Value!),
            Cwd = request.Cwd,
            Stop = request.Stop is { } stop ? StopOf(stop) : null,
            Restart = request.Restart is { } restart ? RestartOf(restart, policy) : null,
            Console = request.Console is { } console ? ConsoleOf(console) : null,
            Stdin = stdin,
            OnNodeLoss = onNodeLoss,
            Labels = request.Labels?.ToImmutableDictionary(pair => pair.Key, pair => pair.Value!),
            Health = health,
            User = request.User is { } user ? UserOf(user) : null,
            Limits = request.Limits is { } limits ? LimitsOf(limits) : null,
            NodeLabels = request.NodeLabels?.ToImmutableDictionary(pair => pair.Key, pair => pair.Value!),
            Deployment = DeploymentOf(request),
        };
    }

    private static Dictionary<string, StdinMode> StdinWords { get; } = new()
    {
        ["closable"] = StdinMode.Closable,
        ["never-eof"] = StdinMode.NeverEof,
    };

    private static Dictionary<string, NodeLossPolicy> NodeLossWords { get; } = new()
    {
        ["wait"] = NodeLossPolicy.Wait,
        ["move"] = NodeLossPolicy.Move,
    };

    private static Dictionary<string, RestartPolicy> PolicyWords { get; } = new()
    {
        ["never"] = RestartPolicy.Never,
        ["on-failure"] = RestartPolicy.OnFailure,
        ["always"] = RestartPolicy.Always,
    };

    private static StopSpec StopOf(StopRequest given)
    {
        var spec = new StopSpec();
        return new(given.Signal ?? spec.Signal, given.TimeoutSeconds ?? spec.TimeoutSeconds);
    }

    private static RestartSpec RestartOf(RestartRequest given, RestartPolicy? policy)
    {
        var spec = new RestartSpec();
        return new(
            policy ?? spec.Policy,
            given.BackoffSeconds ?? spec.BackoffSeconds,
            given.MaxBackoffSeconds ?? spec.MaxBackoffSeconds,
            given.ResetAfterSeconds ?? spec.ResetAfterSeconds,
            given.MaxAttempts ?? spec.MaxAttempts);
    }

    /// <summary>An empty object is the node's own user.</summary>
    private static InstanceUser UserOf(UserRequest given)
    {
        var user = new InstanceUser(given.Uid ?? -1, given.Gid ?? given.Uid ?? -1) { Groups = [.. given.Groups ?? []] };
        return user with { NoNewPrivileges = given.NoNewPrivileges ?? user.NoNewPrivileges };
    }

    private static InstanceLimits LimitsOf(LimitsRequest given) =>
        new(given.MemoryMb ?? 0, given.Cpus ?? 0, given.Pids ?? 0, given.Required ?? false);

    /// <summary>Null when the request says nothing of it.</summary>
    private static DeploymentSpec? DeploymentOf(InstanceRequest given)
    {
        var deployment = new DeploymentSpec
        {
            AppId = given.AppId,
            ServiceId = given.ServiceId,
            DeploymentId = given.DeploymentId,
            RegionalDeploymentId = given.RegionalDeploymentId,
            AllocationId = given.AllocationId,
            ReplicaIndex = given.ReplicaIndex,
            Type = given.Type,
            Datacenter = given.Datacenter,
        };
        return deployment == new DeploymentSpec() ? null : deployment;
    }

    private static ConsoleSpec ConsoleOf(ConsoleRequest given)
    {
        var spec = new ConsoleSpec();
        return new(given.MaxBytes ?? spec.MaxBytes, given.Split ?? spec.Split, given.RetainSeconds ?? spec.RetainSeconds);
    }

    private static ApiError? FaultOf(InstanceRequest request)
    {
        if (Unbuilt.FirstOrDefault(field => IsGiven(request.Others, field)) is { } unbuilt)
        {
            return ApiError.Invalid($"\"{unbuilt}\" is not supported yet.", NotSupported);
        }

        var unknown = Unknown("stop", request.Stop?.Others)
            ?? Unknown("restart", request.Restart?.Others)
            ?? Unknown("console", request.Console?.Others)
            ?? Unknown("user", request.User?.Others)
            ?? Unknown("limits", request.Limits?.Others)
            ?? Unknown("health", request.Health?.Others)
            ?? Unknown("health.tcp", request.Health?.Tcp?.Others)
            ?? Unknown("health.http", request.Health?.Http?.Others)
            ?? request.DependsOn?.Select((dependency, i) => Unknown($"depends_on[{i}]", dependency?.Others)).FirstOrDefault(unknown => unknown is not null);
        if (unknown is not null)
        {
            return ApiError.Invalid($"\"{unknown}\" is not a known field.");
        }

        if (request.User is { } user && user != new UserRequest() && user.Uid is not >= 0)
        {
            return ApiError.Invalid("user.uid must be given, 0 or more.");
        }

        if (request.Command?.Contains(null) == true)
        {
            return ApiError.Invalid("command must not contain null.");
        }

        return HasNull(request.Env) ? ApiError.Invalid("env must not contain null.")
            : HasNull(request.NodeLabels) ? ApiError.Invalid("node_labels must not contain null.")
            : HasNull(request.Labels) ? ApiError.Invalid("labels must not contain null.")
            : null;
    }

    private static bool HasNull(IReadOnlyDictionary<string, string?>? map) => map?.Values.Contains(null) == true;

    private static string? Unknown(string parent, Dictionary<string, JsonElement>? others) =>
        others?.Keys.FirstOrDefault() is { } unknown ? $"{parent}.{unknown}" : null;

    private static bool IsGiven(Dictionary<string, JsonElement>? others, string field) =>
        others is not null && others.TryGetValue(field, out var value) && !IsDefault(value);

    /// <summary>A value that asks for nothing: clients send whole objects with every field at its default.</summary>
    private static bool IsDefault(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Number => value.TryGetDouble(out var number) && number == 0,
        JsonValueKind.String => value.ValueEquals(""u8),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.EnumerateObject().All(member => IsDefault(member.Value)),
        _ => false,
    };

    private static bool TryRead<T>(string? word, Dictionary<string, T> words, out T? value)
        where T : struct
    {
        value = word is not null && words.TryGetValue(word, out var known) ? known : null;
        return word is null || value is not null;
    }

    private static ApiError WrongWord<T>(string field, Dictionary<string, T> words) =>
        ApiError.Invalid($"{field} must be one of {string.Join(", ", words.Keys)}.");
}
