using System.Globalization;
using OrleansInstances.Gateway.Dialects.Chutes.Bodies;
using OrleansInstances.Launches;

namespace OrleansInstances.Gateway.Dialects.Chutes;

/// <summary>How a pod shows that its GPU has revealed the key to it: it encrypts a sentence that both know.</summary>
internal static class PodProof
{
    public static string Sentence(Guid configId, long seed) => string.Create(CultureInfo.InvariantCulture, $"secret is {configId} {seed}");

    /// <summary>Null when the response is right.</summary>
    public static LaunchFailure? FindFault(LaunchConfigSnapshot config, ChuteInstanceSnapshot instance, string symmetricKey, ProofBody body)
    {
        var reason = body switch
        {
            { Response: null } => "there is no response",
            { Iv: null } => "there is no iv",
            _ => AesText.Decrypt(symmetricKey, body.Iv, body.Response) switch
            {
                null => "it can't be decrypted",
                var sentence when sentence != Sentence(config.ConfigId, config.Seed) => "it says something else",
                _ => null,
            },
        };
        var text = $"PoVW encrypted response for config_id='{config.ConfigId}' instance_id='{instance.InstanceId}' miner_hotkey='{config.MinerHotkey}' was invalid: {reason}";
        return reason is null ? null : new LaunchFailure(text, text);
    }
}
