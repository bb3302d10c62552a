namespace OrleansInstances.Hotkeys;

/// <summary>Bitcoin's base 58: digits without 0, O, I and l; each leading 1 is a zero byte.</summary>
internal static class Base58
{
    private const string Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>False unless the text is exactly as many bytes as there is room for.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        bytes.Clear();
        foreach (var character in text)
        {
            var carry = Digits.IndexOf(character, StringComparison.Ordinal);
            if (carry < 0)
            {
                return false;
            }

            for (var at = bytes.Length - 1; at >= 0; at--)
            {
                carry += bytes[at] * Digits.Length;
                bytes[at] = (byte)carry;
                carry >>= 8;
            }

            if (carry != 0)
            {
                return false;
            }
        }

        return Leading(text, Digits[0]) == Leading<byte>(bytes, 0);
    }

    private static int Leading<T>(ReadOnlySpan<T> items, T item)
        where T : IEquatable<T> => items.IndexOfAnyExcept(item) is >= 0 and var other ? other : items.Length;
}
