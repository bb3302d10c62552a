using System.Text;
using Microsoft.Extensions.Options;
using OrleansInstances.Gateway.Auth;
using OrleansInstances.Hotkeys;

namespace OrleansInstances.Gateway.Dialects.Chutes.Auth;

/// <summary>Lets requests in that a registered hotkey signed; nothing else opens the routes that ask it.</summary>
internal sealed class HotkeyGate(MinerRegistry miners, KeyFailures failures, IOptions<ChutesOptions> options, TimeProvider time)
{
    private const string NotSigned = "Can't find a user with that api key in our db :(";

    private readonly int _netUid = options.Value.NetUid;

    /// <summary>Whose request it is, or why it is nobody's.</summary>
    /// <param name="request">With the headers.</param>
    /// <param name="purpose">What the route is signed for; null where the body is signed.</param>
    /// <param name="body">Its bytes, where those are signed.</param>
    public async ValueTask<Entry> EnterAsync(HttpRequest request, string? purpose, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var signed = SignedRequest.Of(request.Headers);
        var refusal = signed is null ? NotSigned : Refuse(signed, purpose, body.Span);
        if (refusal is null && !await miners.HasAsync(signed!.Hotkey, cancellationToken))
        {
            refusal = $"Hotkey is not registered on netuid {_netUid}";
        }

        return refusal is null ? new Entry(signed!.Hotkey, null)
            : failures.Add(request.HttpContext.Connection.RemoteIpAddress) ? new Entry("", ChutesError.TooMany("Rate limit exceeded"))
            : new Entry("", ChutesError.Unauthorized(refusal));
    }

    private string? Refuse(SignedRequest signed, string? purpose, ReadOnlySpan<byte> body)
    {
        if (!signed.IsOf(time.GetUtcNow()))
        {
            return "Invalid nonce!";
        }

        byte[] signature;
        try
        {
            signature = Convert.FromHexString(signed.Signature);
        }
        catch (FormatException noHex)
        {
            return $"Invalid signature: {signed.Signature}, with error: {noHex.Message}";
        }

        var message = signed.Message(purpose, body);
        var publicKey = new byte[Sr25519.PublicKeyBytes];
        return Ss58Address.TryParse(signed.Hotkey, publicKey)
            && (Sr25519.Verify(publicKey, Encoding.UTF8.GetBytes(message), signature) || Sr25519.Verify(publicKey, SignedRequest.Wrap(message), signature))
            ? null
            : $"Invalid request signature for hotkey {signed.Hotkey}. Message: {message}";
    }

    /// <param name="Hotkey">Whose request it is.</param>
    /// <param name="Refusal">Null when it is let in.</param>
    internal readonly record struct Entry(string Hotkey, ChutesError? Refusal);
}
