using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrleansInstances.Gateway.Dialects.Chutes;
using OrleansInstances.Gateway.Dialects.Chutes.Hosts;
using OrleansInstances.Launches;
using OrleansInstances.Testing;

namespace OrleansInstances.Gateway.Tests.Dialects.Chutes;

/// <summary>Probes of real sockets.</summary>
public sealed class PortProberTests
{
    private const string Key = "00112233445566778899aabbccddeeff";
    private const string Loopback = "127.0.0.1";

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("tcp")]
    [InlineData("http")]
    public async Task A_service_that_has_the_key_answers(string proto)
    {
        using var listener = Listen();

        var answered = ProbeAsync(PortOf(listener), proto);
        await AnswerAsync(listener, Answer(Key, $"response from {proto} 2222"));

        Assert.True(await answered);
    }

    [Fact]
    public async Task A_datagram_is_answered_too()
    {
        using var service = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));

        var answered = ProbeAsync(((IPEndPoint)service.Client.LocalEndPoint!).Port, "udp");
        var question = await service.ReceiveAsync();
        Assert.Equal("test"u8, question.Buffer);
        await service.SendAsync(Encoding.ASCII.GetBytes(Answer(Key, "response from udp 2222")), question.RemoteEndPoint);

        Assert.True(await answered);
    }

    [Theory]
    [InlineData(Key, "response from tcp 2223")]
    [InlineData(Key, "response from udp 2222")]
    [InlineData(Key, "")]
    [InlineData("ffffffffffffffffffffffffffffffff", "response from tcp 2222")]
    public async Task Another_answer_is_none(string key, string text)
    {
        using var listener = Listen();

        var answered = ProbeAsync(PortOf(listener), "tcp");
        await AnswerAsync(listener, Answer(key, text));

        Assert.False(await answered);
    }

    [Fact]
    public async Task Nonsense_is_no_answer_however_long_it_is()
    {
        using var listener = Listen();

        var answered = ProbeAsync(PortOf(listener), "tcp");
        await AnswerAsync(listener, new string('|', 100_000));

        Assert.False(await answered);
    }

    [Fact]
    public async Task Nobody_there_is_no_answer() => Assert.False(await ProbeAsync(FreePort.Find(), "tcp"));

    /// <summary>Ten seconds are waited, and nothing is held up after them.</summary>
    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task Silence_is_no_answer(string proto)
    {
        using var listener = Listen();
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var answered = ProbeAsync(proto == "udp" ? ((IPEndPoint)udp.Client.LocalEndPoint!).Port : PortOf(listener), proto);

        await Eventually.Holds("the probe to give up", () =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            return answered.IsCompleted;
        });

        Assert.False(await answered);
    }

    [Fact]
    public async Task A_host_that_is_not_let_in_is_not_asked()
    {
        using var listener = Listen();

        Assert.False(await ProbeAsync(PortOf(listener), "tcp", allowPrivate: false));
        Assert.False(listener.Pending());
    }

    private Task<bool> ProbeAsync(int port, string proto, bool allowPrivate = true) =>
        new PortProber(new HostPolicy(new HostRules(allowPrivate), _time), _time)
            .AnswersAsync(Loopback, new PortMapping(2222, port, proto), Key, CancellationToken.None);

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static async Task AnswerAsync(TcpListener listener, string text)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var question = new byte[4];
        await client.GetStream().ReadExactlyAsync(question);
        Assert.Equal("test"u8, question);
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        }
        catch (IOException)
        {
            // The prober had read enough.
        }
    }

    private static string Answer(string key, string text)
    {
        var sealedText = Convert.FromBase64String(AesText.Encrypt(Convert.FromHexString(key), text));
        return $"{Convert.ToHexStringLower(sealedText[..16])}|{Convert.ToBase64String(sealedText[16..])}";
    }
}
