using System.Diagnostics;
using System.Security.Cryptography;
using OrleansInstances.Testing;

namespace OrleansInstances.Hotkeys.Tests;

/// <summary>Signatures that another implementation makes while the test runs.</summary>
public sealed class FreshSignatureTests
{
    /// <summary>Around the lengths at which a message fills STROBE's block.</summary>
    private static readonly int[] Lengths = [0, 1, 48, .. Enumerable.Range(80, 10), .. Enumerable.Range(160, 20), 332, 1000, 10_000];

    [NeedsMinerFact]
    public async Task They_verify_for_their_message_and_no_other()
    {
        var messages = Lengths.Select(RandomNumberGenerator.GetBytes).ToList();

        var (address, signatures) = await SignAsync(messages);

        var key = new byte[Sr25519.PublicKeyBytes];
        Assert.True(Ss58Address.TryParse(address, key));
        Assert.Equal(messages.Count, signatures.Count);
        for (var at = 0; at < messages.Count; at++)
        {
            Assert.True(Sr25519.Verify(key, messages[at], signatures[at]), $"A message of {messages[at].Length} bytes");
            Assert.False(Sr25519.Verify(key, messages[(at + 1) % messages.Count], signatures[at]));
        }
    }

    private static async Task<(string Address, IReadOnlyList<byte[]> Signatures)> SignAsync(IEnumerable<byte[]> messages)
    {
        var hotkey = Path.Combine(await ChutesMiner.FolderAsync(), "hotkey.js");
        var seed = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "sign.mjs"), hotkey, seed])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var printed = node.StandardOutput.ReadToEndAsync();
        foreach (var message in messages)
        {
            await node.StandardInput.WriteLineAsync(Convert.ToHexStringLower(message));
        }

        node.StandardInput.Close();
        var lines = (await printed).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await node.WaitForExitAsync();
        Assert.Equal(0, node.ExitCode);
        return (lines[0], [.. lines[1..].Select(Convert.FromHexString)]);
    }
}
