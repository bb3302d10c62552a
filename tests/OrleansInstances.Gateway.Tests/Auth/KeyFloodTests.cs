using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using OrleansInstances.Gateway.Auth;

namespace OrleansInstances.Gateway.Tests.Auth;

/// <summary>Guessing from one address is nobody else's trouble.</summary>
public sealed class KeyFloodTests : IAsyncLifetime
{
    private const int Guesses = 2000;

    private static readonly IPAddress Guesser = IPAddress.Parse("127.0.0.2");

    private readonly GatewayHost _host = new();

    public async Task InitializeAsync() => await _host.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Two_thousand_wrong_keys_of_one_address_leave_another_its_answers()
    {
        using var from2 = ClientFrom(Guesser, key: null);
        using var from1 = ClientFrom(IPAddress.Loopback, GatewayHost.Key);
        await _host.AddKeyAsync("oi_good", scopes: "view");
        await StatusOfAsync(from1);

        var guesses = Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GuessAsync(from2, Guesses / 20)));
        var slowest = TimeSpan.Zero;
        var good = 0;
        do
        {
            var clock = Stopwatch.StartNew();
            Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(from1));
            slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
            good++;
        }
        while (!guesses.IsCompleted);

        var statuses = (await guesses).SelectMany(status => status).ToLookup(status => status);
        Assert.Equal((30, Guesses - 30), (statuses[HttpStatusCode.Unauthorized].Count(), statuses[HttpStatusCode.TooManyRequests].Count()));
        Assert.True(slowest < TimeSpan.FromSeconds(2), $"The slowest of {good} good requests took {slowest}.");
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(from1, "oi_wrong"));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(from2, "oi_good"));
    }

    [Fact]
    public void Whether_an_address_has_failures_left_can_be_asked_without_using_one()
    {
        var failures = _host.Service<KeyFailures>();
        for (var i = 0; i < 29; i++)
        {
            failures.Add(Guesser);
        }

        Assert.False(failures.IsSpent(Guesser));
        Assert.False(failures.IsSpent(Guesser));
        Assert.False(failures.Add(Guesser));
        Assert.True(failures.IsSpent(Guesser));
        Assert.False(failures.IsSpent(IPAddress.Loopback));
        Assert.False(failures.IsSpent(null));

        _host.Time.Advance(KeyFailures.Length);
        Assert.False(failures.IsSpent(Guesser));
    }

    private static async Task<List<HttpStatusCode>> GuessAsync(HttpClient http, int count)
    {
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < count; i++)
        {
            statuses.Add(await StatusOfAsync(http, "oi_" + Guid.NewGuid()));
        }

        return statuses;
    }

    private static async Task<HttpStatusCode> StatusOfAsync(HttpClient http, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/instances");
        if (key is not null)
        {
            request.Headers.Add("X-API-Key", key);
        }

        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>All of 127.0.0.0/8 is this machine: a client can come from any of it.</summary>
    private HttpClient ClientFrom(IPAddress source, string? key)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        var http = new HttpClient(handler) { BaseAddress = _host.Http.BaseAddress };
        if (key is not null)
        {
            http.DefaultRequestHeaders.Add("X-API-Key", key);
        }

        return http;
    }
}
