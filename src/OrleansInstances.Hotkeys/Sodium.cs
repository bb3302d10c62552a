using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansInstances.Hotkeys;

/// <summary>
/// What is used of libsodium (1.0.18 or later): BLAKE2b and ristretto255. Elements and scalars are 32 bytes, scalars little endian.
/// Calls answer 0, or -1 for what is no element and for the identity as a product (doc.libsodium.org/advanced/point-arithmetic/ristretto).
/// </summary>
internal static partial class Sodium
{
    public const int ElementBytes = 32;
    public const int ScalarBytes = 32;

    /// <summary>What a scalar is reduced from.</summary>
    public const int WideScalarBytes = 64;

    private const string Library = "sodium";

    /// <summary>The names of its interfaces so far that have all of this, oldest first: Debian 12 has 23.</summary>
    private static readonly string[] FileNames = ["libsodium.so.23", "libsodium.so.26", "libsodium"];

    static Sodium() => NativeLibrary.SetDllImportResolver(typeof(Sodium).Assembly, Load);

    /// <summary>0 the first time, 1 afterwards, -1 when it can't be used. Any thread.</summary>
    [LibraryImport(Library, EntryPoint = "sodium_init")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Initialise();

    [LibraryImport(Library, EntryPoint = "crypto_generichash_blake2b")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Blake2b(Span<byte> hash, nuint hashLength, ReadOnlySpan<byte> input, ulong inputLength, nint key, nuint keyLength);

    /// <summary>reduced = wide mod L.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_core_ristretto255_scalar_reduce")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void Reduce(Span<byte> reduced, ReadOnlySpan<byte> wide);

    /// <summary>product = scalar · B.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_ristretto255_base")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int MultiplyBase(Span<byte> product, ReadOnlySpan<byte> scalar);

    /// <summary>product = scalar · element.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_scalarmult_ristretto255")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Multiply(Span<byte> product, ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> element);

    [LibraryImport(Library, EntryPoint = "crypto_core_ristretto255_sub")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Subtract(Span<byte> difference, ReadOnlySpan<byte> from, ReadOnlySpan<byte> element);

    /// <summary>Unkeyed BLAKE2b; the hash is as long as the span, 16 to 64 bytes.</summary>
    public static void HashBlake2b(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        if (Blake2b(hash, (nuint)hash.Length, input, (ulong)input.Length, 0, 0) != 0)
        {
            throw new ArgumentException($"libsodium makes no hash of {hash.Length} bytes.", nameof(hash));
        }
    }

    /// <summary>A number of 64 bytes modulo the group's order.</summary>
    public static void ReduceScalar(ReadOnlySpan<byte> wide, Span<byte> scalar)
    {
        CheckLength(wide, WideScalarBytes);
        CheckLength(scalar, ScalarBytes);
        Reduce(scalar, wide);
    }

    /// <summary>a · B - b · element; false when element is none, or a product is the identity.</summary>
    public static bool TryCombine(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> element, Span<byte> result)
    {
        CheckLength(a, ScalarBytes);
        CheckLength(b, ScalarBytes);
        CheckLength(element, ElementBytes);
        CheckLength(result, ElementBytes);
        Span<byte> left = stackalloc byte[ElementBytes];
        Span<byte> right = stackalloc byte[ElementBytes];
        return MultiplyBase(left, a) == 0 && Multiply(right, b, element) == 0 && Subtract(result, left, right) == 0;
    }

    /// <summary>Native code knows no lengths.</summary>
    private static void CheckLength(ReadOnlySpan<byte> bytes, int length, [CallerArgumentExpression(nameof(bytes))] string? name = null)
    {
        if (bytes.Length != length)
        {
            throw new ArgumentException($"Must be {length} bytes.", name);
        }
    }

    private static nint Load(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        foreach (var fileName in name == Library ? FileNames : [])
        {
            if (NativeLibrary.TryLoad(fileName, assembly, searchPath, out var handle))
            {
                return handle;
            }
        }

        return 0;
    }
}
