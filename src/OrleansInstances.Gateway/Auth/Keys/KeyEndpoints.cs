using System.Collections.Immutable;
using System.Text.Json;
using OrleansInstances.Gateway.Errors;
using OrleansInstances.Gateway.Idempotency;
using OrleansInstances.Gateway.OpenApi;

namespace OrleansInstances.Gateway.Auth.Keys;

/// <summary>The API keys.</summary>
internal static class KeyEndpoints
{
    public static void MapKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api/keys").RequireScope(Scopes.Admin).WithTags("Keys");
        keys.MapGet("/", ListAsync)
            .Describe("listKeys", "The API keys, oldest first.").Answers<IEnumerable<KeyDescription>>();
        keys.MapPost("/", CreateAsync)
            .Describe("createKey", "Makes a key; only this answer ever shows it.").WithKeyAs(KeyedAs.Secret).Takes<KeyRequest>().Answers<KeyDescription>(StatusCodes.Status201Created);
        keys.MapDelete("/{id}", DeleteAsync)
            .Describe("revokeKey", "Revokes a key for good.").AnswersNothing();
    }

    private static async Task<IResult> ListAsync(KeyDesk desk, CancellationToken cancellationToken)
    {
        var keys = await desk.ListAsync(cancellationToken);
        return TypedResults.Json(keys.Select(KeyDescription.Of), KeyJson.Wire.IEnumerableKeyDescription);
    }

    private static async Task<IResult> CreateAsync(HttpRequest request, KeyDesk desk, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!(await request.ReadJsonAsync(KeyJson.Wire.KeyRequest, cancellationToken)).TryGet(out var body, out var error)
            || !TermsOf(body, time.GetUtcNow()).TryGet(out var terms, out error))
        {
            return error;
        }

        var (key, stored) = await desk.AddAsync(terms, cancellationToken);
        return TypedResults.Json(KeyDescription.Of(stored) with { Key = key }, KeyJson.Wire.KeyDescription, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(string id, KeyDesk desk, CancellationToken cancellationToken) =>
        await desk.RevokeAsync(Guid.TryParseExact(id, "D", out var known) ? known : Guid.Empty, cancellationToken) is { } error
            ? error
            : TypedResults.NoContent();

    private static Parsed<KeyTerms> TermsOf(KeyRequest request, DateTimeOffset now)
    {
        if (request.Labels?.Values.Contains(null) == true)
        {
            return ApiError.Invalid("labels must not contain null.");
        }

        var expiresAt = request.ExpiresAt is { } end ? TimeOf(end) : null;
        if (expiresAt is null && request.ExpiresAt is not null)
        {
            return ApiError.Invalid("expires_at must be unix seconds or an RFC 3339 time.", "wrong_type");
        }

        var terms = new KeyTerms
        {
            Name = request.Name,
            Scopes = [.. request.Scopes ?? []],
            Owner = request.Owner,
            Labels = request.Labels?.ToImmutableDictionary(pair => pair.Key, pair => pair.Value!) ?? ImmutableDictionary<string, string>.Empty,
            ExpiresAt = expiresAt,
        };
        return terms.Fault(now) is { } fault ? ApiError.Invalid(fault) : terms;
    }

    private static DateTimeOffset? TimeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetInt64(out var seconds)
            && seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds()
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() => DateTimeOffset.FromUnixTimeSeconds(seconds),
        JsonValueKind.String when value.TryGetDateTimeOffset(out var time) => time,
        _ => null,
    };
}
