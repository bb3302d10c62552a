using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Xunit.Abstractions;

namespace OrleansInstances.Hotkeys.Tests;

public sealed class Sr25519Tests(ITestOutputHelper output)
{
    /// <summary>The order of the group.</summary>
    private static readonly BigInteger L = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);

    private static Vector First => Vectors.All[0];

    [NeedsSodiumFact]
    public void The_public_vectors_verify()
    {
        Assert.Equal(5, Vectors.All.Count);
        Assert.All(Vectors.All, vector =>
        {
            Assert.True(Sr25519.Verify(vector.PublicKey, vector.Message, vector.Signature));
            Assert.True(Sr25519.Verify(vector.PublicKey, vector.WrappedMessage, vector.WrappedSignature));
        });
    }

    [NeedsSodiumFact]
    public void What_was_tampered_with_does_not_verify()
    {
        Assert.All(Vectors.All, vector =>
        {
            Assert.False(Sr25519.Verify(vector.PublicKey, vector.Message, vector.TamperedSignature));
            Assert.False(Sr25519.Verify(vector.PublicKey, vector.Message, vector.WrappedSignature));
            Assert.False(Sr25519.Verify(vector.PublicKey, vector.WrappedMessage, vector.Signature));
        });
    }

    /// <summary>Each bit of signature and key, and each byte of the message.</summary>
    [NeedsSodiumFact]
    public void No_bit_of_it_may_differ()
    {
        var (key, message, signature) = (First.PublicKey, First.Message, First.Signature);

        Assert.All(Enumerable.Range(0, signature.Length * 8), bit => Assert.False(Sr25519.Verify(key, message, Flip(signature, bit))));
        Assert.All(Enumerable.Range(0, key.Length * 8), bit => Assert.False(Sr25519.Verify(Flip(key, bit), message, signature)));
        Assert.All(Enumerable.Range(0, message.Length), at => Assert.False(Sr25519.Verify(key, Flip(message, at * 8), signature)));
        Assert.False(Sr25519.Verify(key, [.. message, 0], signature));
        Assert.False(Sr25519.Verify(key, message.AsSpan()[1..], signature));
    }

    [NeedsSodiumTheory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    public void A_signature_has_64_bytes(int length)
    {
        byte[] signature = [.. First.Signature, 0];

        Assert.False(Sr25519.Verify(First.PublicKey, First.Message, signature.AsSpan()[..length]));
    }

    [NeedsSodiumFact]
    public void A_key_has_32_bytes() =>
        Assert.False(Sr25519.Verify([.. First.PublicKey, 0], First.Message, First.Signature));

    /// <summary>s + L is the same scalar written another way.</summary>
    [NeedsSodiumFact]
    public void A_scalar_that_is_not_reduced_is_refused()
    {
        var signature = First.Signature.ToArray();
        var scalar = signature.AsSpan()[32..];
        scalar[^1] &= 0x7F;
        var larger = new BigInteger(scalar, isUnsigned: true) + L;
        scalar.Clear();
        Assert.True(larger.TryWriteBytes(scalar, out _, isUnsigned: true));
        scalar[^1] |= 0x80;

        Assert.False(Sr25519.Verify(First.PublicKey, First.Message, signature));
    }

    /// <summary>The identity would verify s B = R for anybody; an odd number and one above the field are no elements.</summary>
    [NeedsSodiumFact]
    public void What_is_no_key_has_signed_nothing()
    {
        var odd = new byte[32];
        BinaryPrimitives.WriteUInt32LittleEndian(odd, 3);
        byte[] aboveTheField = [0xF0, .. Enumerable.Repeat((byte)0xFF, 30), 0x7F];

        Assert.All([new byte[32], odd, aboveTheField], key => Assert.False(Sr25519.Verify(key, First.Message, First.Signature)));
    }

    [NeedsSodiumFact]
    public async Task Threads_do_not_disturb_each_other()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 100).All(
            at => Sr25519.Verify(First.PublicKey, First.Message, at % 2 == 0 ? First.Signature : First.TamperedSignature) == (at % 2 == 0)))));

        Assert.All(all, Assert.True);
    }

    /// <summary>At least 2,000 a second on one core; the processor's time is counted, so that a loaded machine makes no difference.</summary>
    [NeedsSodiumFact]
    public void A_core_verifies_two_thousand_a_second()
    {
        const int Times = 1000;
        Verify(Times / 10);
        var before = ThreadTime();

        Verify(Times);

        var perSecond = Times / (ThreadTime() - before).TotalSeconds;
        output.WriteLine($"{perSecond:F0} verifications a second and core");
        Assert.True(perSecond >= 2000, $"{perSecond:F0} a second");

        static void Verify(int times)
        {
            for (var time = 0; time < times; time++)
            {
                Assert.True(Sr25519.Verify(First.PublicKey, First.Message, First.Signature));
            }
        }
    }

    /// <summary>How long this thread has been on a processor; the kernel tells nanoseconds.</summary>
    private static TimeSpan ThreadTime() =>
        TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1000);

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
