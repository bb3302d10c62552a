using OrleansInstances.Gateway.Auth;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Storage.Instances;

namespace OrleansInstances.Gateway.Dialects.Koyeb.Exec;

/// <summary>Carries out what a first message, or a query, asks for.</summary>
internal sealed class ExecRequests(ExecCalls execs, IInstanceCatalog catalog)
{
    /// <summary>Also when nothing is known of how it ended.</summary>
    private const int UnknownExitCode = 255;

    private static readonly TerminalSize UsualSize = new(80, 24);

    /// <summary>Starts it.</summary>
    /// <param name="wantsTerminal">Unless the client disables it.</param>
    public async Task<(ExecOpening? Opening, ApiError? Error)> OpenAsync(Caller caller, ExecFrame frame, bool wantsTerminal, CancellationToken cancellationToken)
    {
        if (frame.Command is not { } command)
        {
            return (null, ApiError.Invalid("body.command must name a program."));
        }

        if (command[0].Length == 0 || command.Any(word => word.Contains('\0', StringComparison.Ordinal)))
        {
            return (null, ApiError.Invalid("body.command must name a program and hold no NUL."));
        }

        if (frame.Id is not { Length: > 0 } id)
        {
            return (null, ApiError.Invalid("id must name an instance."));
        }

        if (frame.IsService == true)
        {
            if (await FindOfServiceAsync(caller, id, cancellationToken) is not { } instance)
            {
                return (null, ApiError.Of(new Refusal(RefusalKind.NotFound, "not_found", "There is no running instance of such a service.")));
            }

            id = instance.Id.ToString();
        }

        var terminal = wantsTerminal && frame.DisableTty != true ? frame.Size ?? UsualSize : null;
        var opening = await execs.OpenAsync(caller, id, command, terminal, cancellationToken);
        return opening.Refusal is { } refusal ? (null, ErrorOf(refusal)) : (opening, null);
    }

    /// <summary>A running one, the oldest of those whose checks don't fail if there is one.</summary>
    private async Task<InstanceSnapshot?> FindOfServiceAsync(Caller caller, string service, CancellationToken cancellationToken)
    {
        var running = caller.Restrict(new CatalogQuery { Statuses = [InstanceStatus.Running] });
        var found = running is null ? [] : await catalog.ListAsync(running, cancellationToken);
        return found.Where(instance => instance.Spec.Deployment?.ServiceId == service).OrderBy(instance => instance.Health == InstanceHealth.Unhealthy).FirstOrDefault();
    }

    public static int CodeOf(ExecEnd end) => end.ExitCode ?? UnknownExitCode;

    /// <summary>One more than the node runs is told apart from a node that can't be asked.</summary>
    public static ApiError ErrorOf(Refusal refusal) => refusal.Code == "too_many_execs"
        ? new ApiError(StatusCodes.Status429TooManyRequests, refusal.Code, refusal.Message)
        : ApiError.Of(refusal);
}
