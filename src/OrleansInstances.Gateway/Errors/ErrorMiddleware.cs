namespace OrleansInstances.Gateway.Errors;

/// <summary>Gives every failure the one form of <see cref="ApiError"/>: exceptions, and statuses that came without a body.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, Faults faults, ILogger<ErrorMiddleware> logger)
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
            await context.WriteErrorAsync(faults.Describe(error, context));
            return;
        }

        if (!context.Response.HasStarted && context.Response is { StatusCode: >= 400, ContentType: null })
        {
            await context.WriteErrorAsync(ApiError.OfStatus(context.Response.StatusCode));
        }
    }
}
