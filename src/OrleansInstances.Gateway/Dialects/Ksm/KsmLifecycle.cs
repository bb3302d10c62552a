using OrleansInstances.Gateway.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>Starts and stops, each answering when it is done.</summary>
internal static class KsmLifecycle
{
    public static async Task<IResult> StartAsync(KsmCall call, InstanceCalls instances, CancellationToken cancellationToken)
    {
        var reply = await instances.DoAsync(call.Caller, NameOf(call), grain => grain.StartAsync(), cancellationToken);
        var told = reply switch
        {
            { Refusal.Code: "already_running" or "already_starting" } => KsmReply.Failure("Server is already started"),
            { Refusal.Code: "stopping" } => KsmReply.Failure("Server is still stopping"),
            { Refusal: { } refusal } => KsmReply.Of(refusal),
            { Instance: { Status: InstanceStatus.Pending } pending } => new KsmReply(StatusCodes.Status200OK, $"Server is waiting to be started. {pending.Message}".TrimEnd()),
            { Instance: { } instance } when NeverCameUp(instance) => KsmReply.Failure("There is a problem running instance!"),
            _ => new KsmReply(StatusCodes.Status200OK, "Server has been successfully started."),
        };
        return told.ToResult();
    }

    public static async Task<IResult> StopAsync(KsmCall call, InstanceCalls instances, CancellationToken cancellationToken)
    {
        var reply = await instances.DoAsync(call.Caller, NameOf(call), grain => grain.StopAsync(), cancellationToken);
        var told = reply switch
        {
            { Refusal.Code: "not_running" } => KsmReply.NotStarted,
            { Refusal: { } refusal } => KsmReply.Of(refusal),
            _ => new KsmReply(StatusCodes.Status200OK, "Server has been successfully stopped."),
        };
        return told.ToResult();
    }

    /// <summary>A program that ran and ended already was started; what became of it is another question.</summary>
    private static bool NeverCameUp(InstanceSnapshot instance) =>
        instance is { StartedAt: null, ExitCode: null, Signal: null, Status: InstanceStatus.Failed or InstanceStatus.Backoff or InstanceStatus.Stopped };

    private static string NameOf(KsmCall call) => call.Instance.Id.ToString();
}
