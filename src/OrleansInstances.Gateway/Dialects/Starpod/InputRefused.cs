using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Instances;
using OrleansInstances.Instances;

namespace OrleansInstances.Gateway.Dialects.Starpod;

/// <summary>Not all of an input was taken: the error, and how many bytes were. A program that does not read is 429, so that the sender waits.</summary>
internal sealed class InputRefused(int taken, Refusal refusal) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var error = ApiError.Of(refusal);
        if (refusal.Code == ConsoleInput.FullCode)
        {
            error = error with { Status = StatusCodes.Status429TooManyRequests };
        }

        error.WriteHeadTo(httpContext.Response);
        var answer = new InputAnswer(taken, error.Text, error.Code);
        return httpContext.Response.WriteAsJsonAsync(answer, StarpodJson.Wire.InputAnswer, contentType: null, httpContext.RequestAborted);
    }
}
