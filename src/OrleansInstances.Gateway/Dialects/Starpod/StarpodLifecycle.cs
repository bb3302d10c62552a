using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Gateway.OpenApi;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>What can be done to one instance. Each answers when it is done; a start whose program fails was carried out, and the instance tells.</summary>
internal static class StarpodLifecycle
{
    public static void MapStarpodLifecycle(this IEndpointRouteBuilder route)
    {
        var instance = route.MapGroup("/").RequireScope(Scopes.Lifecycle);
        instance.MapPost("/start", StartAsync)
            .Describe("startInstance", "Starts it; answers when that is done.").Answers<StarpodInstance>();
        instance.MapPost("/stop", StopAsync)
            .Describe("stopInstance", "Stops it: its stop signal, SIGKILL after its timeout.").Answers<StarpodInstance>();
        instance.MapPost("/kill", KillAsync)
            .Describe("killInstance", "SIGKILL at once.").Answers<StarpodInstance>();
        instance.MapPost("/pause", PauseAsync)
            .Describe("pauseInstance", "Stops the whole tree of processes in place.").Answers<StatusReply>();
        instance.MapPost("/resume", ResumeAsync)
            .Describe("resumeInstance", "Lets a paused one go on.").Answers<StarpodInstance>();
        instance.MapPost("/restart", RestartAsync)
            .Describe("restartInstance", "Stops it if need be, and starts it.").Answers<StatusReply>();
        instance.MapPost("/signal", SignalAsync)
            .Describe("signalInstance", "Sends a signal to the program's own process.").Takes<SignalRequest>().Answers<StarpodInstance>();
    }

    private static Task<IResult> StartAsync(string id, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken) =>
        DoAsync(caller, id, grain => grain.StartAsync(), instances, usages, cancellationToken);

    private static Task<IResult> StopAsync(string id, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken) =>
        DoAsync(caller, id, grain => grain.StopAsync(), instances, usages, cancellationToken);

    private static Task<IResult> KillAsync(string id, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken) =>
        DoAsync(caller, id, grain => grain.KillAsync(), instances, usages, cancellationToken);

    private static Task<IResult> ResumeAsync(string id, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken) =>
        DoAsync(caller, id, grain => grain.ResumeAsync(), instances, usages, cancellationToken);

    private static async Task<IResult> PauseAsync(string id, Caller caller, InstanceCalls instances, CancellationToken cancellationToken)
    {
        var reply = await instances.DoAsync(caller, id, grain => grain.PauseAsync(), cancellationToken);
        return reply switch
        {
            { Instance.Status: InstanceStatus.Paused } => Fixed("paused"),
            { Instance: { } instance } => ApiError.Of(new Refusal(
                RefusalKind.Conflict, "not_paused", $"The instance is {StarpodStatus.StateOf(instance.Status)}. {instance.Message}".TrimEnd())),
            _ => ApiError.Of(reply.Refusal!),
        };
    }

    private static async Task<IResult> RestartAsync(string id, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken)
    {
        var reply = await instances.DoAsync(caller, id, grain => grain.RestartAsync(), cancellationToken);
        return reply switch
        {
            { Instance: { Status: InstanceStatus.Pending or InstanceStatus.Backoff or InstanceStatus.Failed } instance } =>
                await StarpodEndpoints.AnswerAsync(instance, usages, cancellationToken),
            { Instance: not null } => Fixed("restarted"),
            _ => ApiError.Of(reply.Refusal!),
        };
    }

    private static async Task<IResult> SignalAsync(
        string id, HttpRequest request, Caller caller, InstanceCalls instances, UsageCache usages, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(StarpodJson.Wire.SignalRequest, cancellationToken)).TryGet(out var body, out var error))
        {
            return error;
        }

        if (string.IsNullOrEmpty(body.Signal))
        {
            return ApiError.Invalid("signal must be a signal's name, such as SIGHUP.");
        }

        var reply = await instances.TellAsync(caller, id, grain => grain.SignalAsync(body.Signal), cancellationToken);
        return await StarpodEndpoints.AnswerAsync(reply, usages, cancellationToken);
    }

    private static async Task<IResult> DoAsync(
        Caller caller,
        string id,
        Func<IInstanceGrain, Task<InstanceReply>> request,
        InstanceCalls instances,
        UsageCache usages,
        CancellationToken cancellationToken) =>
        await StarpodEndpoints.AnswerAsync(await instances.DoAsync(caller, id, request, cancellationToken), usages, cancellationToken);

    private static IResult Fixed(string status) => TypedResults.Json(new StatusReply(status), StarpodJson.Wire.StatusReply);
}
