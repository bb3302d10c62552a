using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Orleans.Storage;
using OrleansInstances.Gateway.Tests.OpenApi;
using OrleansInstances.Grains.Instances;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Keys;
using OrleansInstances.Storage.Postgres;
using OrleansInstances.Storage.Sqlite;
using OrleansInstances.Testing;

namespace OrleansInstances.Gateway.Tests;

/// <summary>The gateway behind real HTTP on a free port, with a real database, scripted grains and a clock that stands still.</summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    public const string Key = "oi_test.key";

    private readonly string _folder = Directory.CreateTempSubdirectory("oi-gateway-").FullName;
    private string? _postgres;
    private WebApplication? _app;

    public Dictionary<string, string?> Settings { get; } = new() { ["OI:API_KEY"] = Key };

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 14, 10, 0, 0, TimeSpan.Zero));

    /// <summary>In front of the real table of keys.</summary>
    public HeldKeyTable KeyTable { get; private set; } = null!;

    public ScriptedGrains Grains { get; } = new();

    public LogRecorder Log { get; } = new();

    /// <summary>Changes what is registered, at the next start.</summary>
    public Action<IServiceCollection> Configure { get; set; } = _ => { };

    /// <summary>Sends the key with every request.</summary>
    public HttpClient Http { get; private set; } = new();

    public string DataFolder => _folder;

    public static async Task<GatewayHost> StartNewAsync()
    {
        var host = new GatewayHost();
        await host.StartAsync();
        return host;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Configuration["Logging:LogLevel:OrleansInstances"] = nameof(LogLevel.Debug);
        builder.Logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddGateway();
        builder.Services.AddSingleton(new Hosting.OrleansInstancesOptions());
        builder.Services.AddSingleton(_ => Hosting.DataFolder.Open(_folder, "test"));
        if (TestDatabase.IsPostgres)
        {
            _postgres ??= await DatabasePool.RentAsync();
            builder.Services.AddPostgresStorage(options => options.ConnectionString = _postgres);
        }
        else
        {
            builder.Services.AddSqliteStorage(options => options.DataFolder = _folder);
            new Silo(builder.Services, builder.Configuration).AddSqliteGrainStorage(Stored.Provider);
        }

        KeyTable = HeldKeyTable.Wrap(builder.Services);
        Configure(builder.Services);
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton(Grains.Factory);
        _app = builder.Build();
        _app.MapGateway();
        await _app.StartAsync();
        Http.Dispose();
        Http = new HttpClient();
        Http.BaseAddress = new Uri(_app.Urls.Single());
        Http.DefaultRequestHeaders.Add("X-API-Key", Key);
    }

    /// <summary>Lets the clock run, half a second at a time, until something holds. Says how much time has passed.</summary>
    public async Task<TimeSpan> PassTimeUntilAsync(string what, Func<bool> condition)
    {
        var start = Time.GetUtcNow();
        await Eventually.Holds(what, () =>
        {
            Time.Advance(TimeSpan.FromSeconds(0.5));
            return condition();
        });
        return Time.GetUtcNow() - start;
    }

    /// <summary>Ends the gateway; the data folder stays for a next start.</summary>
    public async Task StopAsync()
    {
        await _app!.DisposeAsync();
        _app = null;
    }

    public T Service<T>()
        where T : notnull => _app!.Services.GetRequiredService<T>();

    /// <summary>Puts an instance into catalog and grains, as if it had been created.</summary>
    public async Task<ScriptedInstance> AddAsync(InstanceSnapshot snapshot, params InstanceEvent[] events)
    {
        var number = await Service<IInstanceNumbers>().AllocateAsync(snapshot.Id);
        var instance = Grains.Instance(snapshot.Id);
        instance.Snapshot = snapshot with { Number = number };
        var state = new Stored { State = new Cataloged(instance.Snapshot, events) };
        if (_postgres is null)
        {
            var storage = _app!.Services.GetRequiredKeyedService<IGrainStorage>(Stored.Provider);
            await storage.WriteStateAsync("instance", GrainId.Create("instance", snapshot.Id.ToString("N")), state);
        }
        else
        {
            await InsertStateAsync(instance.Snapshot);
            await Service<IInstanceCatalogWriter>().PublishAsync(state.State);
        }

        return instance;
    }

    /// <summary>Orleans' provider works in a silo only; of the state the catalog needs no more than the row.</summary>
    private async Task InsertStateAsync(InstanceSnapshot snapshot)
    {
        await using var connection = new NpgsqlConnection(_postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO grain_state (service_id, state_name, n0, n1, version, instance_id, snapshot_version, payload)
            VALUES ('test', 'instance/instance', 0, @number, 1, @id, @version, '{}')
            """,
            connection);
        command.Parameters.AddWithValue("number", (long)snapshot.Number);
        command.Parameters.AddWithValue("id", snapshot.Id);
        command.Parameters.AddWithValue("version", snapshot.Version);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Makes nodes and reservations as old as if so much time had passed. PostgreSQL counts by a clock of its own.</summary>
    public async Task AgeRowsAsync(TimeSpan age)
    {
        Time.Advance(age);
        if (_postgres is not null)
        {
            await using var database = NpgsqlDataSource.Create(_postgres);
            await using var command = database.CreateCommand(
                "UPDATE nodes SET seen_at = seen_at - @age; UPDATE idempotency_keys SET reserved_at = reserved_at - @age");
            command.Parameters.AddWithValue("age", age);
            await command.ExecuteNonQueryAsync();
        }
    }

    public Task AddKeyAsync(
        string key, string? owner = null, DateTimeOffset? expiresAt = null, string scopes = "admin", ImmutableDictionary<string, string>? labels = null) =>
        Service<IKeyTable>().InsertAsync(
            new StoredKey
            {
                Id = Guid.NewGuid(),
                Name = "test",
                Hash = System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(key)),
                Scopes = scopes,
                Owner = owner,
                Labels = labels ?? ImmutableDictionary<string, string>.Empty,
                CreatedAt = Time.GetUtcNow(),
                ExpiresAt = expiresAt,
            },
            CancellationToken.None);

    /// <summary>From now on, requests carry this key.</summary>
    public void Use(string key)
    {
        Http.DefaultRequestHeaders.Remove("X-API-Key");
        Http.DefaultRequestHeaders.Add("X-API-Key", key);
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, string? json = null) => SendAsync(HttpMethod.Post, path, json);

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        }

        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        var answer = new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers.ContentType?.MediaType);
        var described = await DescribedApi.ReadAsync(Http);
        described.Check(request.Method.Method, response.RequestMessage!.RequestUri!.AbsolutePath, answer.Status, answer.ContentType, answer.Body);
        return answer;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await DatabasePool.ReturnAsync(_postgres);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private sealed record Cataloged(InstanceSnapshot? Snapshot, IReadOnlyList<InstanceEvent> Outbox) : ICatalogedState;

    /// <summary>What an instance's grain would hold.</summary>
    private sealed class Stored : IGrainState<Cataloged>
    {
        public const string Provider = "instances";

        [AllowNull]
        public Cataloged State { get; set; }

        public string? ETag { get; set; }

        public bool RecordExists { get; set; }
    }

    /// <summary>As much of a silo as storage registers itself with.</summary>
    private sealed record Silo(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder;
}

/// <summary>A whole HTTP answer.</summary>
internal sealed record Answer(int Status, string Body, HttpResponseHeaders Headers, string? ContentType)
{
    public JsonNode Json => JsonNode.Parse(Body) ?? throw new JsonException("null");

    public string? Code => (string?)Json["code"];

    public string? Error => (string?)Json["error"];

    public string? Header(string name) => Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;
}
