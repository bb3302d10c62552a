namespace OrleansInstances.Hotkeys;

/// <summary>Checks sr25519 signatures as schnorrkel makes them, in Substrate's context. Everything here is public, so nothing takes constant time.</summary>
public static class Sr25519
{
    public const int PublicKeyBytes = Sodium.ElementBytes;

    /// <summary>The commitment R, then the scalar s, whose highest bit marks the signature as schnorrkel's.</summary>
    public const int SignatureBytes = Sodium.ElementBytes + Sodium.ScalarBytes;

    private const byte Mark = 0x80;

    /// <summary>Whether the holder of a key signed exactly these bytes. Any thread; needs <see cref="SodiumLibrary.IsAvailable"/>.</summary>
    /// <param name="publicKey">32 bytes; what is no canonical element of ristretto255 has signed nothing.</param>
    /// <param name="message">Of any length.</param>
    /// <param name="signature">What is not of 64 bytes is no signature.</param>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyBytes || signature.Length != SignatureBytes || (signature[^1] & Mark) == 0)
        {
            return false;
        }

        var commitment = signature[..Sodium.ElementBytes];
        Span<byte> scalar = stackalloc byte[Sodium.ScalarBytes];
        signature[Sodium.ElementBytes..].CopyTo(scalar);
        scalar[^1] &= Mark - 1;
        if (!IsReduced(scalar))
        {
            return false;
        }

        Span<byte> challenge = stackalloc byte[Sodium.ScalarBytes];
        Challenge(publicKey, message, commitment, challenge);
        Span<byte> expected = stackalloc byte[Sodium.ElementBytes];
        return Sodium.TryCombine(scalar, challenge, publicKey, expected) && expected.SequenceEqual(commitment);
    }

    private static void Challenge(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> commitment, Span<byte> challenge)
    {
        var transcript = new Transcript("SigningContext"u8);
        transcript.Append(""u8, "substrate"u8);
        transcript.Append("sign-bytes"u8, message);
        transcript.Append("proto-name"u8, "Schnorr-sig"u8);
        transcript.Append("sign:pk"u8, publicKey);
        transcript.Append("sign:R"u8, commitment);
        Span<byte> wide = stackalloc byte[Sodium.WideScalarBytes];
        transcript.Challenge("sign:c"u8, wide);
        Sodium.ReduceScalar(wide, challenge);
    }

    /// <summary>Each scalar has one form only: another would be a second signature made of the first.</summary>
    private static bool IsReduced(ReadOnlySpan<byte> scalar)
    {
        Span<byte> wide = stackalloc byte[Sodium.WideScalarBytes];
        wide.Clear();
        scalar.CopyTo(wide);
        Span<byte> reduced = stackalloc byte[Sodium.ScalarBytes];
        Sodium.ReduceScalar(wide, reduced);
        return reduced.SequenceEqual(scalar);
    }
}
