using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace OrleansInstances.Gateway.Auth;

/// <summary>Counts refused keys by remote address within one fixed window for all; a new window forgets everyone.</summary>
internal class KeyFailures(TimeProvider time, IOptions<GatewayOptions> options)
{
    public const int MaxAddresses = 10_000;

    public static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    /// <summary>All addresses that the table has no room for count as one.</summary>
    private static readonly IPAddress Rest = IPAddress.Any;

    private readonly int _limit = options.Value.MaxKeyFailuresPerMinute;
    private Window _window = new(time.GetTimestamp());

    /// <summary>Counts a refused key. True when its sender is over the limit.</summary>
    public bool Add(IPAddress? address)
    {
        var counts = Current().Counts;
        var source = SourceOf(address, counts);
        return counts.AddOrUpdate(source, 1, (_, count) => Math.Min(count + 1, _limit + 1)) > _limit;
    }

    /// <summary>Whether an address has no failure left, so that what it sends need not be looked at. Counts nothing.</summary>
    public bool IsSpent(IPAddress? address)
    {
        var counts = Current().Counts;
        return counts.TryGetValue(SourceOf(address, counts), out var count) && count >= _limit;
    }

    /// <summary>Whole seconds until the window ends, at least 1.</summary>
    public int SecondsLeft() =>
        Math.Max(1, (int)Math.Ceiling((Length - time.GetElapsedTime(Volatile.Read(ref _window).StartedAt)).TotalSeconds));

    private Window Current()
    {
        var window = Volatile.Read(ref _window);
        if (time.GetElapsedTime(window.StartedAt) < Length)
        {
            return window;
        }

        var next = new Window(time.GetTimestamp());
        var found = Interlocked.CompareExchange(ref _window, next, window);
        return found == window ? next : found;
    }

    /// <summary>An IPv6 host commonly owns its whole /64, so that counts as one.</summary>
    private static IPAddress SourceOf(IPAddress? address, ConcurrentDictionary<IPAddress, int> counts)
    {
        var source = address switch
        {
            null => Rest,
            { IsIPv4MappedToIPv6: true } => address.MapToIPv4(),
            { AddressFamily: AddressFamily.InterNetworkV6 } => Network(address),
            _ => address,
        };
        return counts.Count < MaxAddresses || counts.ContainsKey(source) ? source : Rest;
    }

    private static IPAddress Network(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private sealed record Window(long StartedAt)
    {
        public ConcurrentDictionary<IPAddress, int> Counts { get; } = new();
    }
}
