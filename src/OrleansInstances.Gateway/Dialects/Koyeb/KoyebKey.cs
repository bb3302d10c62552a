using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.Dialects.Koyeb;

/// <summary>
/// Koyeb's clients send their key as <c>Authorization: Bearer KEY</c>, without the word Bearer when they were not set up for
/// it, and on websockets, where browsers send no such header, as the second of the subprotocols <c>Bearer, KEY</c>.
/// </summary>
internal sealed class KoyebKey : IKeyPlace
{
    public const string Subprotocol = "Bearer";

    public string? KeyOf(HttpRequest request)
    {
        if (request.Headers.Authorization.ToString().Trim() is { Length: > 0 } bare)
        {
            return bare;
        }

        return request.Headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries) is [Subprotocol, { Length: > 0 } key, ..] ? key : null;
    }
}
