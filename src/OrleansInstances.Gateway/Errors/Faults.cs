using System.Diagnostics;
using Orleans.Storage;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Nodes;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Errors;

/// <summary>What a client is told of an exception; what it is not told is in the log.</summary>
internal sealed partial class Faults(ILogger<Faults> logger)
{
    public ApiError Describe(Exception error, HttpContext context)
    {
        switch (error)
        {
            case BadHttpRequestException bad:
                return ApiError.OfStatus(bad.StatusCode);
            case TimeoutException when HttpMethods.IsGet(context.Request.Method):
                return new(StatusCodes.Status504GatewayTimeout, "timeout", "No answer in time.");
            case NodeUnreachableException:
                return ApiError.Unavailable("node_unreachable", $"{error.Message} Nothing was done.");
            case var lost when CallFault.WasNotTaken(lost) || (CallFault.LostTheWay(lost) && HttpMethods.IsGet(context.Request.Method)):
                LogSiloUnavailable(error, context.Request.Method, context.Request.Path);
                return ApiError.Unavailable("silo_unavailable", "The silo that it takes can't be reached now. Nothing was done.");
            case var open when CallFault.LeavesItOpen(open):
                LogOutcomeUnknown(error, context.Request.Method, context.Request.Path);
                return ApiError.OutcomeUnknown("No answer; whether it was done is unknown. GET the instance to see where it stands.");
            case StorageOverloadedException:
                return ApiError.Unavailable("overloaded", "The database has more work queued than it takes. Nothing was done.");
            case PasswordsOverloadedException:
                return ApiError.Unavailable("overloaded", "Too many passwords wait to be checked. Nothing was done.");
            case InconsistentStateException:
                return ApiError.Unavailable("concurrent_write", "Another write came first. Nothing was done.");
            case StorageUnavailableException:
                LogUnhandled(error, context.Request.Method, context.Request.Path, TraceOf(context));
                return ApiError.Unavailable("storage_unavailable", "The database can't be used now; the log says why.");
            default:
                LogUnhandled(error, context.Request.Method, context.Request.Path, TraceOf(context));
                return new(StatusCodes.Status500InternalServerError, "internal_error", $"An error that should not be. Trace id: {TraceOf(context)}");
        }
    }

    private static string TraceOf(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
}
