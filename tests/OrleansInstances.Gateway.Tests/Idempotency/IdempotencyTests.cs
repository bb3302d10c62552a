using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansInstances.Instances;
using OrleansInstances.Storage;
using OrleansInstances.Storage.Idempotency;

namespace OrleansInstances.Gateway.Tests.Idempotency;

/// <summary>A POST with an Idempotency-Key is carried out once, however often it is sent.</summary>
public sealed class IdempotencyTests : IAsyncLifetime
{
    private const string Instances = "/api/instances";
    private static readonly string Path = $"/api/instances/{Given.Id}";

    private GatewayHost _host = null!;

    public async Task InitializeAsync() => _host = await GatewayHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_create_that_is_sent_again_answers_the_same_and_makes_no_second_instance()
    {
        var first = await SendAsync(Instances, "k1", """{"name":"a"}""");
        var again = await SendAsync(Instances, "k1", """{"name":"a"}""");

        Assert.Equal((201, null), (first.Status, first.Header("Idempotent-Replayed")));
        Assert.Equal((201, first.Body, first.ContentType, "true"), (again.Status, again.Body, again.ContentType, again.Header("Idempotent-Replayed")));
        Assert.Equal(["create"], Assert.Single(_host.Grains.Instances).Calls);
    }

    [Theory]
    [InlineData("another key of its own", Instances, "k2", GatewayHost.Key)]
    [InlineData("another sender", Instances, "k1", "oi_other")]
    [InlineData("another path", "/api/instances/", "k1", GatewayHost.Key)]
    public async Task It_is_another_request_with(string what, string path, string key, string sender)
    {
        await _host.AddKeyAsync("oi_other");
        await SendAsync(Instances, "k1");
        _host.Use(sender);

        var other = await SendAsync(path, key);

        Assert.Equal((what, 201, null), (what, other.Status, other.Header("Idempotent-Replayed")));
        Assert.Equal(2, _host.Grains.Instances.Count());
    }

    [Fact]
    public async Task Another_body_is_422_and_not_carried_out()
    {
        await SendAsync(Instances, "k1", """{"name":"a"}""");

        var other = await SendAsync(Instances, "k1", """{"name":"b"}""");

        Assert.Equal((422, "idempotency_key_reused"), (other.Status, other.Code));
        Assert.Single(_host.Grains.Instances);
    }

    [Fact]
    public async Task While_the_first_is_being_carried_out_the_second_is_409_with_a_time_to_come_back()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Starting, Busy = true });
        var first = SendAsync(Path + "/start", "k1");
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait"));

        var second = await SendAsync(Path + "/start", "k1");

        Assert.Equal((409, "still_running", "1"), (second.Status, second.Code, second.Header("Retry-After")));
        instance.Snapshot = instance.Snapshot! with { Status = InstanceStatus.Running, Busy = false, Version = 9 };
        Assert.Equal(200, (await first).Status);
        Assert.Equal((await first).Body, (await SendAsync(Path + "/start", "k1")).Body);
        Assert.Single(instance.Calls, call => call == "start");
    }

    [Fact]
    public async Task A_client_that_went_away_gets_its_answer_when_it_comes_back()
    {
        var instance = await _host.AddAsync(Given.Instance(InstanceStatus.Stopped, Given.Id));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Starting, Busy = true });
        using var leave = new CancellationTokenSource();
        using var request = Request(Path + "/start", "k1", "{}");
        var first = _host.Http.SendAsync(request, leave.Token);
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait"));
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        instance.Snapshot = instance.Snapshot! with { Status = InstanceStatus.Running, Busy = false, Version = 9 };
        Answer? again = null;
        await Eventually.HoldsAsync("the answer to be kept", async () => (again = await SendAsync(Path + "/start", "k1")).Status != 409);

        Assert.Equal((200, "running", "true"), (again!.Status, (string?)again.Json["state"], again.Header("Idempotent-Replayed")));
        Assert.Single(instance.Calls, call => call == "start");
    }

    [Theory]
    [InlineData(RefusalKind.Conflict, 409)]
    [InlineData(RefusalKind.Invalid, 422)]
    [InlineData(RefusalKind.NotFound, 404)]
    [InlineData(RefusalKind.Unavailable, 503)]
    public async Task What_was_refused_may_be_sent_again(RefusalKind kind, int status)
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.Refuse("stop", kind, "some_word", "Some text.");
        Assert.Equal(status, (await SendAsync(Path + "/stop", "k1")).Status);
        instance.On.Remove("stop");

        Assert.Equal(200, (await SendAsync(Path + "/stop", "k1")).Status);
    }

    [Fact]
    public async Task A_body_that_was_refused_may_be_mended_under_the_same_key()
    {
        Assert.Equal(400, (await SendAsync(Instances, "k1", "{")).Status);
        Assert.Equal(415, (await SendAsync(Instances, "k1", body: null)).Status);
        Assert.Equal(422, (await SendAsync(Instances, "k1", """{"driver":1}""")).Status);

        Assert.Equal(201, (await SendAsync(Instances, "k1", "{}")).Status);
    }

    [Theory]
    [InlineData(nameof(LostSilo.InFlight))]
    [InlineData("bug")]
    public async Task A_change_whose_outcome_is_unknown_is_not_done_again_and_comes_to_say_so(string fault)
    {
        var instance = await _host.AddAsync(Given.Instance(id: Given.Id));
        instance.On["stop"] = _ => throw (fault == "bug" ? new InvalidOperationException("a bug") : LostSilo.Of(fault));
        Assert.Equal(fault == "bug" ? 500 : 504, (await SendAsync(Path + "/stop", "k1")).Status);
        instance.On.Remove("stop");

        Assert.Equal((409, "still_running"), (await SendAsync(Path + "/stop", "k1")) is var soon ? (soon.Status, soon.Code) : default);
        await _host.AgeRowsAsync(IIdempotencyTable.Running);
        Assert.Equal((504, "outcome_unknown"), (await SendAsync(Path + "/stop", "k1")) is var late ? (late.Status, late.Code) : default);
        Assert.Single(instance.Calls);
    }

    [Fact]
    public async Task A_create_whose_outcome_is_unknown_is_found_out_by_asking_for_the_same_instance()
    {
        _host.Grains.OnCreate = _ => throw LostSilo.InFlight;
        Assert.Equal(504, (await SendAsync(Instances, "k1")).Status);
        _host.Grains.OnCreate = null;
        await _host.AgeRowsAsync(IIdempotencyTable.Running);

        var again = await SendAsync(Instances, "k1");

        Assert.Equal((201, null), (again.Status, again.Header("Idempotent-Replayed")));
        Assert.Equal($"{Assert.Single(_host.Grains.Instances).Id}", (string?)again.Json["uuid"]);
        Assert.Equal(again.Body, (await SendAsync(Instances, "k1")).Body);
    }

    [Fact]
    public async Task After_a_day_a_key_is_free_again()
    {
        await SendAsync(Instances, "k1");
        await _host.AgeRowsAsync(IIdempotencyTable.Kept);

        Assert.Equal(201, (await SendAsync(Instances, "k1", """{"name":"b"}""")).Status);
        Assert.Equal(2, _host.Grains.Instances.Count());
    }

    [Fact]
    public async Task An_api_key_is_shown_once_and_kept_nowhere()
    {
        const string body = """{"name":"k","scopes":["view"]}""";
        var first = await SendAsync("/api/keys", "k1", body);

        var again = await SendAsync("/api/keys", "k1", body);

        Assert.Equal((201, 409, "already_done"), (first.Status, again.Status, again.Code));
        Assert.DoesNotContain((string)first.Json["key"]!, again.Body, StringComparison.Ordinal);
        Assert.Single((await _host.GetAsync("/api/keys")).Json.AsArray());
    }

    [Fact]
    public async Task Input_is_taken_as_often_as_it_is_sent()
    {
        await _host.AddAsync(Given.Instance(id: Given.Id));

        for (var i = 0; i < 2; i++)
        {
            var answer = await SendAsync(Path + "/input", "k1", "hi");
            Assert.Equal((200, """{"taken":2}""", null), (answer.Status, answer.Body, answer.Header("Idempotent-Replayed")));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("tab\tbed")]
    [InlineData("256")]
    public async Task A_key_that_is_none_is_422(string key)
    {
        var answer = await SendAsync(Instances, key == "256" ? new string('k', 256) : key);

        Assert.Equal((422, "invalid"), (answer.Status, answer.Code));
        Assert.Empty(_host.Grains.Instances);
    }

    [Fact]
    public async Task A_key_may_be_as_long_as_it_says() =>
        Assert.Equal(201, (await SendAsync(Instances, new string('k', 255))).Status);

    [Fact]
    public async Task Without_a_good_api_key_nothing_is_reserved()
    {
        _host.Use("oi_wrong");
        Assert.Equal(401, (await SendAsync(Instances, "k1")).Status);
        _host.Use(GatewayHost.Key);

        Assert.Equal(201, (await SendAsync(Instances, "k1", """{"name":"a"}""")).Status);
    }

    [Theory]
    [InlineData(false, 503)]
    [InlineData(true, 503)]
    public async Task Nothing_is_done_that_could_not_be_reserved(bool isOutcomeUnknown, int status)
    {
        await RestartWithAsync(table => table.BeforeReserve = () => throw (isOutcomeUnknown
            ? new StorageOutcomeUnknownException("It broke off.")
            : new StorageUnavailableException("It is away.")));

        Assert.Equal((status, "storage_unavailable"), (await SendAsync(Instances, "k1")) is var answer ? (answer.Status, answer.Code) : default);
        Assert.Empty(_host.Grains.Instances);
    }

    [Fact]
    public async Task What_was_done_is_told_also_when_its_answer_can_not_be_kept()
    {
        await RestartWithAsync(table => table.BeforeFinish = () => throw new StorageUnavailableException("It is away."));

        Assert.Equal(201, (await SendAsync(Instances, "k1")).Status);
        Assert.Contains("could not be kept", _host.Log.Text, StringComparison.Ordinal);
        Assert.Equal((409, "still_running"), (await SendAsync(Instances, "k1")) is var again ? (again.Status, again.Code) : default);
    }

    private async Task RestartWithAsync(Action<FaultyIdempotencyTable> arrange)
    {
        await _host.StopAsync();
        _host.Configure = services => arrange(FaultyIdempotencyTable.Wrap(services));
        await _host.StartAsync();
    }

    private async Task<Answer> SendAsync(string path, string key, string? body = "{}")
    {
        using var request = Request(path, key, body);
        return await _host.SendAsync(request);
    }

    private static HttpRequestMessage Request(string path, string key, string? body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return request;
    }
}
