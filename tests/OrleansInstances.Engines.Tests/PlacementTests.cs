using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using OrleansInstances.Engines.Tests.Grains;

namespace OrleansInstances.Engines.Tests;

[Collection(SharedSilo.Name)]
public sealed class PlacementTests(TestSilo silo)
{
    private const string Placed = "place by ScriptedStrategy among 1";

    private readonly string _key = Guid.NewGuid().ToString();

    [Fact]
    public async Task A_director_is_asked_before_a_grain_is_made_and_not_again_while_it_lives()
    {
        var grain = silo.Grains.GetGrain<IPlacedGrain>(_key);

        var where = await grain.WhereAsync();
        await grain.WhereAsync();

        Assert.Equal([Placed, "activate"], Journal.Of(_key));
        Assert.Equal(silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString(), where);
    }

    [Fact]
    public async Task What_a_director_throws_reaches_the_caller_as_it_is_and_the_next_call_asks_again()
    {
        var key = "refuses" + _key;
        var grain = silo.Grains.GetGrain<IPlacedGrain>(key);

        var error = await Assert.ThrowsAsync<PlacementRefusedException>(() => grain.WhereAsync());

        Assert.Equal(ScriptedPlacement.Refusal, error.Message);
        Assert.Equal([Placed], Journal.Of(key));
        await grain.WhereAsync();
        Assert.Equal([Placed, Placed, "activate"], Journal.Of(key));
    }

    [Fact]
    public async Task A_place_where_no_silo_is_fails_the_call()
    {
        var grain = silo.Grains.GetGrain<IPlacedGrain>("elsewhere" + _key);

        var error = await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.WhereAsync());

        Assert.StartsWith("Silo unavailable", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1", 11111, 42, "127.0.0.1:11111@42")]
    [InlineData("10.1.2.3", 65535, 0, "10.1.2.3:65535@0")]
    [InlineData("::1", 1, int.MaxValue, "::1:1@2147483647")]
    public void An_address_is_written_and_read(string ip, int port, int generation, string text)
    {
        var address = SiloAddress.New(new IPEndPoint(IPAddress.Parse(ip), port), generation);
        var same = SiloAddress.FromParsableString(text);

        Assert.Equal(text, address.ToParsableString());
        Assert.Equal($"S{address.Endpoint}:{generation}", address.ToString());
        Assert.Equal((true, address.GetHashCode()), (same.Equals(address), same.GetHashCode()));
        Assert.Equal((address.Endpoint, generation), (same.Endpoint, same.Generation));
        Assert.False(same.Equals(SiloAddress.New(address.Endpoint, generation - 1)));
        Assert.False(same.Equals(SiloAddress.New(new IPEndPoint(address.Endpoint.Address, port - 1), generation)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:1")]
    [InlineData("127.0.0.1@1")]
    [InlineData("127.0.0.1:a@1")]
    public void What_is_no_address_is_refused(string text) =>
        Assert.Throws<FormatException>(() => SiloAddress.FromParsableString(text));

    [Fact]
    public void A_silo_is_named_by_its_endpoint_and_when_it_started()
    {
        var endpoints = silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value;
        var address = silo.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, endpoints.SiloPort), address.Endpoint);
        Assert.InRange(address.Generation, SiloAddress.AllocateNewGeneration() - 600, SiloAddress.AllocateNewGeneration());
    }

    [Fact]
    public void What_is_not_configured_is_what_Orleans_has()
    {
        var membership = new ClusterMembershipOptions();

        Assert.Equal((TimeSpan.FromSeconds(5), 3, 2), (membership.ProbeTimeout, membership.NumMissedProbesLimit, membership.NumVotesForDeathDeclaration));
        Assert.Equal((TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(30)), (membership.DeathVoteExpirationTimeout, membership.IAmAliveTablePublishTimeout));
        Assert.Equal(TimeSpan.FromMinutes(1), membership.TableRefreshTimeout);
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromDays(7)), (membership.DefunctSiloCleanupPeriod, membership.DefunctSiloExpiration));
    }
}
