using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace OrleansInstances.Instances;

/// <summary>The short form of an instance's id: <c>inst_</c> and 22 digits of base 62, the same id both ways.</summary>
public static class InstanceName
{
    private const string Prefix = "inst_";
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int DigitCount = 22;

    public static string Format(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return string.Create(Prefix.Length + DigitCount, value, static (text, rest) =>
        {
            Prefix.CopyTo(text);
            for (var i = text.Length - 1; i >= Prefix.Length; i--)
            {
                (rest, var digit) = UInt128.DivRem(rest, 62);
                text[i] = Digits[(int)digit];
            }
        });
    }

    /// <summary>Reads the short form back; false for anything that <see cref="Format"/> does not write.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Guid id)
    {
        id = default;
        if (text is null || text.Length != Prefix.Length + DigitCount || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var value = BigInteger.Zero;
        foreach (var c in text.AsSpan(Prefix.Length))
        {
            var digit = Digits.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            value = (value * 62) + digit;
        }

        if (value > UInt128.MaxValue)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, (UInt128)value);
        id = new Guid(bytes, bigEndian: true);
        return true;
    }
}
