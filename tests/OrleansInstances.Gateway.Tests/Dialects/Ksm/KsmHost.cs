using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

/// <summary>The gateway with an engine password, and a client that sends its keys in the body only.</summary>
internal sealed class KsmHost : IAsyncDisposable
{
    public const string Password = "the engine's pässword";
    public const string Forbidden = """{"status":403,"message":"Forbidden!"}""";
    public const string BadArguments = """{"status":400,"message":"Bad request!"}""";
    public const string NoSuchInstance = """{"status":404,"message":"Instance not found!"}""";

    public GatewayHost Gateway { get; } = new() { Settings = { ["OI:KSM_PASSWORD"] = Password } };

    public ScriptedGrains Grains => Gateway.Grains;

    public static async Task<KsmHost> StartNewAsync()
    {
        var host = new KsmHost();
        await host.StartAsync();
        return host;
    }

    public async Task StartAsync()
    {
        await Gateway.StartAsync();
        Gateway.Http.DefaultRequestHeaders.Clear();
    }

    /// <summary>A whole request about instance 1, which a test changes where it needs another.</summary>
    public static JsonObject Request(string key = GatewayHost.Key, int instance = 1, params string[] args) => new()
    {
        ["password"] = Password,
        ["user_key"] = key,
        ["instance_data"] = new JsonObject
        {
            ["instance_id"] = instance,
            ["args"] = new JsonArray([.. args.Select(arg => (JsonNode)arg)]),
        },
    };

    public Task<Answer> PostAsync(string path, JsonNode? body = null) => Gateway.PostAsync(path, (body ?? Request()).ToJsonString());

    /// <summary>The body of an answer, which must come with HTTP 200.</summary>
    public async Task<string> AskAsync(string path, JsonNode? body = null)
    {
        var answer = await PostAsync(path, body);
        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        return answer.Body;
    }

    /// <summary>A key as a user gets it by logging in, with permissions on one instance.</summary>
    public async Task<string> LogInAsync(Guid instanceId, InstancePermissions permissions, bool isAdministrator = false)
    {
        var users = Gateway.Service<IUserTable>();
        var key = $"oi_session-{Guid.NewGuid()}";
        var user = await users.InsertAsync(
            new StoredUser { Name = key, PasswordHash = "", IsAdministrator = isAdministrator, CreatedAt = Given.Created }, CancellationToken.None);
        await users.SetPermissionsAsync(user!.Id, instanceId, permissions, CancellationToken.None);
        await AddKeyAsync(new StoredKey { Id = Guid.NewGuid(), Name = "session", Hash = HashOf(key), Scopes = "user", UserId = user.Id, CreatedAt = Given.Created });
        return key;
    }

    public Task AddKeyAsync(StoredKey key) => Gateway.Service<IKeyTable>().InsertAsync(key, CancellationToken.None);

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>A client that comes from another address than all others.</summary>
    public HttpClient ClientFrom(string address)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = Gateway.Http.BaseAddress };
    }

    public ValueTask DisposeAsync() => Gateway.DisposeAsync();
}
