using System.Diagnostics;
using Orleans.Storage;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Errors;

/// <summary>Gives every failure the one form of <see cref="ApiError"/>: exceptions, and statuses that came without a body.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogClientLeft(context.Request.Method, context.Request.Path);
            return;
        }
        catch (Exception error) when (context.Response.HasStarted)
        {
            // The status is sent: a connection that breaks off is the only way left to say that the answer is not whole.
            LogCutShort(error, context.Request.Method, context.Request.Path);
            context.Abort();
            return;
        }
        catch (Exception error)
        {
            await context.WriteErrorAsync(Describe(error, context));
            return;
        }

        if (!context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentType: null })
        {
            await context.WriteErrorAsync(ApiError.OfStatus(context.Response.StatusCode));
        }
    }

    private ApiError Describe(Exception error, HttpContext context)
    {
        switch (error)
        {
            case BadHttpRequestException bad:
                return ApiError.OfStatus(bad.StatusCode);
            case TimeoutException when HttpMethods.IsGet(context.Request.Method):
                return new(StatusCodes.Status504GatewayTimeout, "timeout", "No answer in time.");
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
