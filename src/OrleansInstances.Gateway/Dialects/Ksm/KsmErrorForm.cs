using OrleansInstances.Gateway.Errors;

namespace OrleansInstances.Gateway.Dialects.Ksm;

/// <summary>An error that no handler foresaw goes into the envelope like any outcome.</summary>
internal sealed class KsmErrorForm : IErrorForm
{
    public Task WriteAsync(HttpContext context, ApiError error)
    {
        var message = error.Code == "outcome_unknown"
            ? "No answer in time; whether it was done is unknown. /api/instance/get_instance/ tells where the instance stands."
            : error.Text;
        return new KsmReply(error.Status, message).ToResult().ExecuteAsync(context);
    }
}
