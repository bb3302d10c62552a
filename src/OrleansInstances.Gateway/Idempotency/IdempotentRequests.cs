using System.Text.Json;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Storage;
using OrleansInstances.Storage.Idempotency;

namespace OrleansInstances.Gateway.Idempotency;

/// <summary>
/// Carries a request that has a key of its sender's out once, and gives the others its answer. The key is reserved before
/// anything is done. An answer that says that nothing was done gives it free; one that leaves the outcome open, or a silo that
/// dies, leaves it reserved, and the table comes to say that nobody knows.
/// </summary>
internal sealed partial class IdempotentRequests(IIdempotencyTable table, Faults faults, ILogger<IdempotentRequests> logger)
{
    public const string Header = "Idempotency-Key";

    /// <summary>Response header: the answer is an earlier one's.</summary>
    private const string ReplayedHeader = "Idempotent-Replayed";

    private const int MaxLength = 255;

    private static readonly ApiError Malformed = ApiError.Invalid($"{Header} must be 1 to {MaxLength} printable ASCII characters without blanks.");

    private static readonly ApiError OtherBody = ApiError.Invalid("This key came with another body before.", "idempotency_key_reused");

    private static readonly ApiError StillRunning = new(
        StatusCodes.Status409Conflict, "still_running", "The first request with this key is still being carried out.", RetryAfterSeconds: 1);

    private static readonly ApiError NotKept = new(
        StatusCodes.Status409Conflict, "already_done", "The first request with this key was carried out. Its answer is kept nowhere.");

    public static bool Concerns(HttpRequest request) => HttpMethods.IsPost(request.Method) && request.Headers.ContainsKey(Header);

    /// <param name="context">The request; the route's handler is <paramref name="run"/>, which answers through it.</param>
    /// <param name="keyId">Of the API key: what two senders call the same is not the same.</param>
    /// <param name="bodyHash">32 bytes that tell the body from others, and nobody else what is in it.</param>
    /// <param name="run">Carries the request out.</param>
    public async Task RunAsync(HttpContext context, Guid keyId, ReadOnlyMemory<byte> bodyHash, Func<Task> run)
    {
        var name = context.Request.Headers[Header].ToString();
        if (!IsWellFormed(name))
        {
            await context.WriteErrorAsync(Malformed);
            return;
        }

        var request = new IdempotentRequest(keyId, context.Request.Method, $"{context.Request.Path}{context.Request.QueryString}", name);
        var reservation = await ReserveAsync(request, bodyHash, context.RequestAborted);
        switch (reservation)
        {
            case { Kind: ReservationKind.New }:
            case { Kind: ReservationKind.OutcomeUnknown } when context.IsKeyedAs(KeyedAs.Repeatable):
                await CarryOutAsync(context, request, reservation.Id, run);
                break;
            case { Answer: { } answer }:
                await ReplayAsync(answer, context);
                break;
            default:
                await context.WriteErrorAsync(Refuse(reservation.Kind));
                break;
        }
    }

    private static bool IsWellFormed(string name) => name.Length is > 0 and <= MaxLength && name.All(c => c is > ' ' and <= '~');

    private static ApiError Refuse(ReservationKind kind) => kind switch
    {
        ReservationKind.OtherBody => OtherBody,
        ReservationKind.Running => StillRunning,
        _ => ApiError.OutcomeUnknown("The first request with this key was never answered; whether it was done is unknown. GET the instance to see where it stands."),
    };

    /// <exception cref="StorageUnavailableException">Nothing must be done.</exception>
    private async Task<Reservation> ReserveAsync(IdempotentRequest request, ReadOnlyMemory<byte> bodyHash, CancellationToken cancellationToken)
    {
        try
        {
            return await table.ReserveAsync(request, bodyHash, cancellationToken);
        }
        catch (StorageOutcomeUnknownException error)
        {
            // Unknown is whether it is reserved; what was asked for has not begun.
            throw new StorageUnavailableException(error.Message);
        }
    }

    private async Task CarryOutAsync(HttpContext context, IdempotentRequest request, Guid reservation, Func<Task> run)
    {
        var (body, left) = (context.Response.Body, context.RequestAborted);
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        context.Features.Set(new ReservedRequest(reservation));

        // A client that goes away gets the answer when it comes back.
        context.RequestAborted = CancellationToken.None;
        try
        {
            await run();
        }
        catch (Exception error)
        {
            answer.SetLength(0);
            await context.WriteErrorAsync(faults.Describe(error, context));
        }

        await context.Response.BodyWriter.FlushAsync(CancellationToken.None);
        (context.Response.Body, context.RequestAborted) = (body, left);
        var written = answer.GetBuffer().AsMemory(0, (int)answer.Length);
        await SettleAsync(context, request, reservation, written);
        if (!written.IsEmpty)
        {
            await body.WriteAsync(written, left);
        }
    }

    private async Task SettleAsync(HttpContext context, IdempotentRequest request, Guid reservation, ReadOnlyMemory<byte> body)
    {
        try
        {
            switch (context.OutcomeOf(body))
            {
                case Outcome.Done:
                    await table.FinishAsync(request, reservation, Keep(context, body), CancellationToken.None);
                    break;
                case Outcome.NotDone:
                    await table.ReleaseAsync(request, reservation, CancellationToken.None);
                    break;
            }
        }
        catch (Exception error) when (error is StorageUnavailableException or StorageOverloadedException or StorageOutcomeUnknownException)
        {
            // The request was carried out all the same, and so its answer is told.
            LogNotKept(error, request.Method, context.Request.Path);
        }
    }

    private static StoredAnswer Keep(HttpContext context, ReadOnlyMemory<byte> body) =>
        context.IsKeyedAs(KeyedAs.Secret) || body.Length > StoredAnswer.MaxBodyBytes
            ? new(NotKept.Status, "application/json; charset=utf-8", null, JsonSerializer.SerializeToUtf8Bytes(new ErrorBody(NotKept.Text, NotKept.Code), ErrorJson.Wire.ErrorBody))
            : new(context.Response.StatusCode, context.Response.ContentType, context.Response.Headers.Location, body);

    private static async Task ReplayAsync(StoredAnswer answer, HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        response.Headers.Location = answer.Location;
        response.Headers[ReplayedHeader] = "true";
        if (!answer.Body.IsEmpty)
        {
            await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Method} {Path}: its answer could not be kept for when it is sent again")]
    private partial void LogNotKept(Exception error, string method, PathString path);
}
