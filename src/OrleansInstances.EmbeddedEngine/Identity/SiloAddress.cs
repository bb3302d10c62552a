using System.Globalization;
using System.Net;

namespace Orleans.Runtime;

/// <summary>The name of one start of a silo. Equal addresses are equal by <see cref="Equals(SiloAddress)"/>, not by <c>==</c>.</summary>
public sealed class SiloAddress : IEquatable<SiloAddress>
{
    private static readonly DateTime FirstGeneration = new(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private SiloAddress(IPEndPoint endpoint, int generation)
    {
        Endpoint = endpoint;
        Generation = generation;
    }

    /// <summary>Where other silos reach it.</summary>
    public IPEndPoint Endpoint { get; }

    /// <summary>Higher for every start at the same endpoint.</summary>
    public int Generation { get; }

    public static SiloAddress New(IPEndPoint ep, int gen) => new(ep, gen);

    /// <summary>The generation of a silo that starts now: seconds.</summary>
    public static int AllocateNewGeneration() => (int)(DateTime.UtcNow - FirstGeneration).TotalSeconds;

    /// <summary><c>127.0.0.1:11111@42</c></summary>
    public string ToParsableString() => string.Create(CultureInfo.InvariantCulture, $"{Endpoint.Address}:{Endpoint.Port}@{Generation}");

    /// <exception cref="FormatException"><see cref="ToParsableString"/> did not write it.</exception>
    public static SiloAddress FromParsableString(string addr)
    {
        var at = addr.LastIndexOf('@');
        var colon = at < 0 ? -1 : addr.LastIndexOf(':', at);
        return colon >= 0
            && IPAddress.TryParse(addr.AsSpan(0, colon), out var address)
            && ushort.TryParse(addr.AsSpan(colon + 1, at - colon - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && int.TryParse(addr.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var generation)
            ? new(new IPEndPoint(address, port), generation)
            : throw new FormatException($"Invalid string SiloAddress: {addr}");
    }

    public bool Equals(SiloAddress? other) => other is not null && Generation == other.Generation && Endpoint.Equals(other.Endpoint);

    public override bool Equals(object? obj) => Equals(obj as SiloAddress);

    public override int GetHashCode() => HashCode.Combine(Endpoint, Generation);

    public override string ToString() => $"S{Endpoint}:{Generation}";
}
