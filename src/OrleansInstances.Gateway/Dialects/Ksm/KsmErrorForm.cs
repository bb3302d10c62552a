using System.Text.Json;
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

    /// <summary>500 is how the engine words what is not possible as things are, and a program that did not come up.</summary>
    public Outcome OutcomeOf(ReadOnlyMemory<byte> body)
    {
        using var envelope = JsonDocument.Parse(body);
        var status = envelope.RootElement.GetProperty("status").GetInt32();
        return status == StatusCodes.Status500InternalServerError ? Outcome.Done : Outcomes.OfStatus(status);
    }
}
