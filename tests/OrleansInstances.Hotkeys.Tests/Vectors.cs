using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansInstances.Hotkeys.Tests;

/// <summary>Signatures that polkadot.js made.</summary>
internal static class Vectors
{
    public static IReadOnlyList<Vector> All { get; } = Read();

    private static Vector[] Read()
    {
        var file = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sr25519-vectors.json")))!;
        return [.. file["vectors"]!.AsArray().Select(vector => new Vector(vector!))];
    }
}

internal sealed class Vector(JsonNode json)
{
    public byte[] PublicKey { get; } = Bytes(json, "public_key");

    public string Address { get; } = Text(json, "ss58");

    public byte[] Message { get; } = Encoding.UTF8.GetBytes(Text(json, "message"));

    public byte[] Signature { get; } = Bytes(json, "signature_hex");

    /// <summary>Of the message between &lt;Bytes&gt; and &lt;/Bytes&gt;.</summary>
    public byte[] WrappedSignature { get; } = Bytes(json, "signature_bytes_wrapped_hex");

    public byte[] TamperedSignature { get; } = Bytes(json, "tampered_signature_hex");

    public byte[] WrappedMessage => [.. "<Bytes>"u8, .. Message, .. "</Bytes>"u8];

    private static string Text(JsonNode json, string name) => (string?)json[name] ?? throw new JsonException(name);

    private static byte[] Bytes(JsonNode json, string name)
    {
        var text = Text(json, name);
        return Convert.FromHexString(text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text);
    }
}
