using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace OrleansInstances.Gateway.Dialects.Chutes.Hosts;

/// <summary>Which hosts of miners are let in: names and IPv4 addresses that lead to public addresses only.</summary>
internal sealed partial class HostPolicy(IHostRules rules, TimeProvider time)
{
    private const int MaxLength = 255;

    private static readonly TimeSpan ResolveAtMost = TimeSpan.FromSeconds(5);

    /// <summary>Whether it is a name or an IPv4 address at all.</summary>
    public static bool IsHost(string host) => host.Length <= MaxLength && Name().IsMatch(host);

    /// <summary>Where a host may be reached; empty when it may not.</summary>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (!IsHost(host))
        {
            return [];
        }

        // Before the look-up: it takes forms of addresses that are no names either, such as 127.1.
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await LookUpAsync(host, cancellationToken);
        return found.Length > 0 && (await rules.AllowPrivateAsync(cancellationToken) || found.All(PublicAddresses.Contain)) ? found : [];
    }

    private async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellationToken).WaitAsync(ResolveAtMost, time, cancellationToken);
        }
        catch (Exception error) when (error is SocketException or TimeoutException)
        {
            return [];
        }
    }

    [GeneratedRegex(@"^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\z", RegexOptions.IgnoreCase)]
    private static partial Regex Name();
}
