using System.Net;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

public sealed class HostPolicyTests
{
    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    public async Task A_public_address_is_let_in(string host) => Assert.Equal([IPAddress.Parse(host)], await ResolveAsync(host));

    /// <summary>The forms of addresses that resolvers take besides the usual one too.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("0177.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("169.254.169.254")]
    [InlineData("100.64.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.10")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("0.0.0.0")]
    [InlineData("localhost")]
    public async Task What_leads_to_no_public_address_is_let_in_only_when_that_is_allowed(string host)
    {
        Assert.Empty(await ResolveAsync(host));
        Assert.NotEmpty(await ResolveAsync(host, allowPrivate: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("-a.example")]
    [InlineData("a-.example")]
    [InlineData("a..example")]
    [InlineData("example.")]
    [InlineData("exa_mple.com")]
    [InlineData("1.1.1.1\n")]
    [InlineData("1.1.1.1:80")]
    [InlineData("http://1.1.1.1")]
    [InlineData("user@1.1.1.1")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234.example")]
    public async Task What_is_no_name_is_not_looked_up(string host) => Assert.Empty(await ResolveAsync(host, allowPrivate: true));

    [Fact]
    public async Task A_name_that_leads_nowhere_is_refused() => Assert.Empty(await ResolveAsync("nothing.invalid", allowPrivate: true));

    [Fact]
    public async Task A_name_has_at_most_255_characters() =>
        Assert.Empty(await ResolveAsync(string.Join('.', Enumerable.Repeat("abcdefg", 33)), allowPrivate: true));

    [Theory]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:1.1.1.1", true)]
    public void Of_ipv6_the_addresses_that_are_given_out_are_public(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddresses.Contain(IPAddress.Parse(address)));

    private static Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, bool allowPrivate = false) =>
        new HostPolicy(new HostRules(allowPrivate), new FakeTimeProvider()).ResolveAsync(host, CancellationToken.None);
}

/// <summary>What a test says of hosts.</summary>
internal sealed class HostRules(bool allowPrivate) : IHostRules
{
    public ValueTask<bool> AllowPrivateAsync(CancellationToken cancellationToken) => ValueTask.FromResult(allowPrivate);
}
