using System.Text;
using System.Text.Json.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Storage.Users;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

/// <summary>An Idempotency-Key does here what it does elsewhere; only that the envelope tells.</summary>
public sealed class KsmIdempotencyTests : IAsyncLifetime
{
    private const string Start = "/api/instance/start_server/";
    private const string Started = """{"status":200,"message":"Server has been successfully started."}""";

    private KsmHost _host = null!;
    private ScriptedInstance _instance = null!;

    public async Task InitializeAsync()
    {
        _host = await KsmHost.StartNewAsync();
        _instance = await _host.Gateway.AddAsync(Given.Instance(InstanceStatus.Stopped));
        _instance.Change("start", seen => seen with { Status = InstanceStatus.Running });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_start_that_is_sent_again_is_done_once()
    {
        Assert.Equal(Started, await AskAsync(KsmHost.Request()));
        Assert.Equal(Started, await AskAsync(KsmHost.Request()));
        Assert.Single(_instance.Calls);
    }

    [Fact]
    public async Task Another_body_is_422_in_the_envelope()
    {
        await AskAsync(KsmHost.Request());

        Assert.StartsWith("""{"status":422,"message":""", await AskAsync(KsmHost.Request(args: "x")), StringComparison.Ordinal);
        Assert.Single(_instance.Calls);
    }

    [Fact]
    public async Task What_nobody_did_may_be_sent_again()
    {
        _instance.On["start"] = _ => throw LostSilo.NotTaken;
        Assert.StartsWith("""{"status":503,""", await AskAsync(KsmHost.Request()), StringComparison.Ordinal);
        _instance.Change("start", seen => seen with { Status = InstanceStatus.Running });

        Assert.Equal(Started, await AskAsync(KsmHost.Request()));
    }

    [Fact]
    public async Task A_refusal_in_the_engines_own_number_is_an_answer_like_any()
    {
        _instance.Refuse("start", RefusalKind.Conflict, "already_running", "");
        var refused = await AskAsync(KsmHost.Request());

        Assert.Equal(refused, await AskAsync(KsmHost.Request()));
        Assert.Equal("""{"status":500,"message":"Server is already started"}""", refused);
        Assert.Single(_instance.Calls);
    }

    [Fact]
    public async Task The_keys_come_first_and_those_of_two_users_never_meet()
    {
        var user = await _host.LogInAsync(_instance.Id, InstancePermissions.View | InstancePermissions.StartStop);
        await AskAsync(KsmHost.Request());

        Assert.Equal(KsmHost.Forbidden, await AskAsync(KsmHost.Request("oi_wrong")));
        Assert.Equal(Started, await AskAsync(KsmHost.Request(user)));
        Assert.Equal(2, _instance.Calls.Count);
    }

    private async Task<string> AskAsync(JsonObject body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Start)
        {
            Headers = { { "Idempotency-Key", "k1" } },
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        var answer = await _host.Gateway.SendAsync(request);
        Assert.Equal((200, "application/json"), (answer.Status, answer.ContentType));
        return answer.Body;
    }
}
