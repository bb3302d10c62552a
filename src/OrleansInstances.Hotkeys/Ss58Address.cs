namespace OrleansInstances.Hotkeys;

/// <summary>A public key as people write it on Bittensor: base 58 of the prefix 42, the key, and two bytes of a checksum.</summary>
public static class Ss58Address
{
    private const byte Prefix = 42;
    private const int ChecksumBytes = 2;
    private const int AddressBytes = 1 + Sr25519.PublicKeyBytes + ChecksumBytes;

    /// <summary>A byte is more than one digit.</summary>
    private const int MaxLength = AddressBytes * 2;

    /// <summary>Gives the key; false for what is no address, or another network's. Needs <see cref="SodiumLibrary.IsAvailable"/>.</summary>
    /// <param name="text">48 characters or so.</param>
    /// <param name="publicKey">Room for <see cref="Sr25519.PublicKeyBytes"/>.</param>
    public static bool TryParse(ReadOnlySpan<char> text, Span<byte> publicKey)
    {
        Span<byte> address = stackalloc byte[AddressBytes];
        if (text.Length > MaxLength || !Base58.TryDecode(text, address) || address[0] != Prefix)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[64];
        Sodium.HashBlake2b([.. "SS58PRE"u8, .. address[..^ChecksumBytes]], hash);
        if (!address[^ChecksumBytes..].SequenceEqual(hash[..ChecksumBytes]))
        {
            return false;
        }

        address[1..^ChecksumBytes].CopyTo(publicKey);
        return true;
    }
}
