using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrleansInstances.Testing;

namespace OrleansInstances.EndToEnd.Tests.Chutes;

/// <summary>The program that a miner runs: it goes where its token says, with GPUs that the challenge service knows.</summary>
internal sealed class TestPod(ChutesSilo chutes, string token, IReadOnlyList<string> gpus) : IDisposable
{
    private readonly List<IDisposable> _sockets = [];
    private string _key = "";
    private long _seed;

    public int Port { get; init; } = FreePort.Find();

    /// <summary>What its job needs: each at an external port of its own.</summary>
    public IReadOnlyList<(string Proto, int Internal, int External)> Ports { get; init; } = [];

    /// <summary>What its token opens.</summary>
    public Guid ConfigId { get; } = (Guid)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!["sub"]!;

    private string Path => $"/instances/launch_config/{ConfigId}";

    private KeyValuePair<string, string>[] Headers => [new("Authorization", token)];

    /// <param name="change">Changes the claim before it is sent.</param>
    /// <param name="forwardedFor">Where a proxy says that it comes from.</param>
    public async Task<(int Status, string Body)> TryClaimAsync(Action<JsonObject>? change = null, string? forwardedFor = null)
    {
        var claim = new JsonObject
        {
            ["gpus"] = Gpus(gpus),
            ["host"] = ChutesSilo.Host,
            ["port_mappings"] = new JsonArray(
            [
                Mapping("tcp", 8000, Port), Mapping("tcp", 8001, Port), .. Ports.Select(port => Mapping(port.Proto.ToUpperInvariant(), port.Internal, port.External)),
            ]),
            ["env"] = "e",
            ["code"] = "c",
        };
        change?.Invoke(claim);
        var claimed = await chutes.SendAsync(
            HttpMethod.Post, Path, forwardedFor is null ? Headers : [.. Headers, new("X-Forwarded-For", forwardedFor)], claim);
        if (claimed.Status == 200)
        {
            var body = JsonNode.Parse(claimed.Body)!;
            var sealedKey = body["symmetric_key"]!;
            _seed = (long)body["seed"]!;
            _key = GravalService.Reveal((string)sealedKey["ciphertext"]!, _seed, (string)sealedKey["uuid"]!);
            Assert.Contains((string)sealedKey["uuid"]!, gpus);
            Assert.EndsWith($" {_seed}", (string)sealedKey["response_plaintext"]!);
        }

        return claimed;
    }

    public async Task ClaimAsync()
    {
        var (status, body) = await TryClaimAsync();
        Assert.True(status == 200, body);
    }

    /// <param name="work">What its GPUs say that they made; null for what they do make.</param>
    /// <param name="change">Changes the proof before it is sent.</param>
    public Task<(int Status, string Body)> TryProveAsync(string? work = null, Action<JsonObject>? change = null)
    {
        var (iv, response) = Encrypt($"secret is {ConfigId} {_seed}");
        var proof = new JsonObject
        {
            ["response"] = response,
            ["iv"] = iv,
            ["proof"] = new JsonObject(gpus.Select(uuid => KeyValuePair.Create(uuid, (JsonNode?)new JsonObject { ["work_product"] = work ?? GravalService.Work(_seed, uuid) }))),
        };
        change?.Invoke(proof);
        return chutes.SendAsync(HttpMethod.Put, Path, Headers, proof);
    }

    /// <summary>Sends something else than a proof.</summary>
    public Task<(int Status, string Body)> SendAsync(HttpMethod method, JsonNode body) => chutes.SendAsync(method, Path, Headers, body);

    /// <summary>Gives its instance's id.</summary>
    public async Task<JsonNode> ProveAsync()
    {
        var (status, body) = await TryProveAsync();
        Assert.True(status == 200, body);
        return JsonNode.Parse(body)!;
    }

    public Task<(int Status, string Body)> TryActivateAsync() => chutes.SendAsync(HttpMethod.Get, $"{Path}/activate", Headers);

    public async Task ActivateAsync() => Assert.Equal((200, """{"ok":true}"""), await TryActivateAsync());

    /// <summary>Takes connections where the instance is called.</summary>
    public void Serve()
    {
        var listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        _sockets.Add(listener);
    }

    /// <summary>Takes the probe of its first port, and leaves it without an answer; ends when it has come.</summary>
    public async Task LeaveProbeAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, Ports[0].External);
        listener.Start();
        _sockets.Add(await listener.AcceptTcpClientAsync());
    }

    /// <summary>Answers the probes of its ports, as long as it lives.</summary>
    public void AnswerProbes()
    {
        foreach (var port in Ports)
        {
            if (port.Proto == "udp")
            {
                var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, port.External));
                _sockets.Add(socket);
                _ = AnswerAsync(socket, port.Internal);
            }
            else
            {
                var listener = new TcpListener(IPAddress.Loopback, port.External);
                listener.Start();
                _sockets.Add(listener);
                _ = AnswerAsync(listener, port.Internal);
            }
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private async Task AnswerAsync(UdpClient socket, int port)
    {
        while (await OrEndAsync(async () => (object)await socket.ReceiveAsync()) is UdpReceiveResult question)
        {
            await socket.SendAsync(Answer("udp", port), question.RemoteEndPoint);
        }
    }

    private async Task AnswerAsync(TcpListener listener, int port)
    {
        while (await OrEndAsync(() => listener.AcceptTcpClientAsync()) is { } client)
        {
            using (client)
            {
                await client.GetStream().ReadExactlyAsync(new byte[4]);
                await client.GetStream().WriteAsync(Answer("tcp", port));
            }
        }
    }

    /// <summary>Null when the socket was closed.</summary>
    private static async Task<T?> OrEndAsync<T>(Func<Task<T>> receive)
        where T : class
    {
        try
        {
            return await receive();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private byte[] Answer(string proto, int port)
    {
        var (iv, text) = Encrypt($"response from {proto} {port}");
        return Encoding.ASCII.GetBytes($"{iv}|{text}");
    }

    private (string Iv, string Ciphertext) Encrypt(string text)
    {
        using var aes = Aes.Create();
        aes.Key = Convert.FromHexString(_key);
        var iv = RandomNumberGenerator.GetBytes(16);
        return (Convert.ToHexStringLower(iv), Convert.ToBase64String(aes.EncryptCbc(Encoding.ASCII.GetBytes(text), iv)));
    }

    public static JsonArray Gpus(IEnumerable<string> uuids) => [.. uuids.Select(uuid => new JsonObject { ["uuid"] = uuid, ["name"] = "NVIDIA H20" })];

    private static JsonObject Mapping(string proto, int inside, int outside) =>
        new() { ["proto"] = proto, ["internal_port"] = inside, ["external_port"] = outside, ["default"] = inside is 8000 or 8001 };
}
