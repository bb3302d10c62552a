using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace OrleansInstances.Hotkeys.Tests;

public sealed class TranscriptTests
{
    private const int Sha3Rate = 136;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(135)]
    public void A_sha3_made_of_the_permutation_is_the_platforms(int length)
    {
        var message = new byte[length];
        new Random(length).NextBytes(message);
        var lanes = new ulong[Keccak.Lanes];
        var bytes = MemoryMarshal.AsBytes(lanes.AsSpan());
        message.CopyTo(bytes);
        bytes[length] ^= 0x06;
        bytes[Sha3Rate - 1] ^= 0x80;

        Keccak.Permute(lanes);

        Assert.Equal(SHA3_256.HashData(message), bytes[..32].ToArray());
    }

    /// <summary>From the conformance test of the Rust implementations of STROBE.</summary>
    [Fact]
    public void Strobe_gives_the_bytes_of_its_conformance_test()
    {
        var strobe = new Strobe("Conformance Test Protocol"u8);
        var message = new byte[1024];
        message.AsSpan().Fill(99);

        strobe.AddMeta("ms"u8);
        strobe.AddMeta("g"u8, more: true);
        strobe.Add(message);
        strobe.AddMeta("prf"u8);
        var output = new byte[32];
        strobe.Squeeze(output);

        Assert.Equal("b48e645ca17c667fd5206ba57a6a228d72d8e1903814d3f17f622996d7cfefb0", Convert.ToHexStringLower(output));
    }

    [Fact]
    public void Merlin_gives_the_challenge_of_its_simple_test()
    {
        var transcript = new Transcript("test protocol"u8);
        transcript.Append("some label"u8, "some data"u8);

        var challenge = new byte[32];
        transcript.Challenge("challenge"u8, challenge);

        Assert.Equal("d5a21972d0d5fe320c0d263fac7fffb8145aa640af6e9bca177c03c7efcf0615", Convert.ToHexStringLower(challenge));
    }

    [Fact]
    public void Merlin_gives_the_challenge_of_its_complex_test()
    {
        var transcript = new Transcript("test protocol"u8);
        transcript.Append("step1"u8, "some data"u8);
        var data = new byte[1024];
        data.AsSpan().Fill(99);
        var challenge = new byte[32];
        for (var round = 0; round < 32; round++)
        {
            transcript.Challenge("challenge"u8, challenge);
            transcript.Append("bigdata"u8, data);
            transcript.Append("challengedata"u8, challenge);
        }

        Assert.Equal("a8c933f54fae76e3f9bea93648c1308e7dfa2152dd51674ff3ca438351cf003c", Convert.ToHexStringLower(challenge));
    }
}
