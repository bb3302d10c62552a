using OrleansInstances.Instances;
using OrleansInstances.Storage;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

public sealed class KsmLifecycleTests : IAsyncLifetime
{
    private const string Start = "/api/instance/start_server/";
    private const string Stop = "/api/instance/stop_server/";

    private KsmHost _host = null!;

    public async Task InitializeAsync() => _host = await KsmHost.StartNewAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("start", Start, InstanceStatus.Stopped, InstanceStatus.Starting, InstanceStatus.Running, "Server has been successfully started.")]
    [InlineData("stop", Stop, InstanceStatus.Running, InstanceStatus.Stopping, InstanceStatus.Stopped, "Server has been successfully stopped.")]
    public async Task It_answers_when_it_is_done(string verb, string path, InstanceStatus before, InstanceStatus meanwhile, InstanceStatus after, string message)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance(before));
        instance.Change(verb, seen => seen with { Status = meanwhile, Busy = true });

        var pending = _host.AskAsync(path);
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait"));
        Assert.False(pending.IsCompleted);
        instance.Snapshot = instance.Snapshot! with { Version = 8, Status = after, Busy = false };

        Assert.Equal($$"""{"status":200,"message":"{{message}}"}""", await pending);
    }

    [Theory]
    [InlineData("already_running", "Server is already started")]
    [InlineData("already_starting", "Server is already started")]
    [InlineData("stopping", "Server is still stopping")]
    [InlineData("being_deleted", "Refused.")]
    public async Task A_start_of_what_is_not_stopped_is_refused(string code, string message)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance());
        instance.Refuse("start", RefusalKind.Conflict, code, "Refused.");

        Assert.Equal($$"""{"status":500,"message":"{{message}}"}""", await _host.AskAsync(Start));
    }

    [Theory]
    [InlineData(InstanceStatus.Failed)]
    [InlineData(InstanceStatus.Backoff)]
    [InlineData(InstanceStatus.Stopped)]
    public async Task A_program_that_never_came_up_was_not_started(InstanceStatus status)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance(InstanceStatus.Stopped));
        instance.Change("start", seen => seen with { Status = status, Message = "/bin/nope: no such file" });

        Assert.Equal("""{"status":500,"message":"There is a problem running instance!"}""", await _host.AskAsync(Start));
    }

    [Theory]
    [InlineData(InstanceStatus.Failed)]
    [InlineData(InstanceStatus.Backoff)]
    [InlineData(InstanceStatus.Stopped)]
    public async Task A_program_that_ended_at_once_was_started(InstanceStatus status)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance(InstanceStatus.Stopped));
        instance.Change("start", seen => seen with { Status = status, StartedAt = Given.Updated });

        Assert.Equal("""{"status":200,"message":"Server has been successfully started."}""", await _host.AskAsync(Start));
    }

    [Fact]
    public async Task A_start_that_no_node_takes_says_why()
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance(InstanceStatus.Stopped));
        instance.Change("start", seen => seen with { Status = InstanceStatus.Pending, Message = "No node serves region \"mars\"." });

        Assert.Equal("""{"status":200,"message":"Server is waiting to be started. No node serves region \"mars\"."}""", await _host.AskAsync(Start));
    }

    [Fact]
    public async Task A_stop_of_what_does_not_run_is_refused()
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance(InstanceStatus.Stopped));
        instance.Refuse("stop", RefusalKind.Conflict, "not_running", "The instance is not running.");

        Assert.Equal("""{"status":500,"message":"Server is not started"}""", await _host.AskAsync(Stop));
    }

    [Theory]
    [InlineData(InstanceStatus.Backoff)]
    [InlineData(InstanceStatus.Pending)]
    public async Task A_stop_ends_the_waiting_for_a_start_too(InstanceStatus status)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance(status));
        instance.Change("stop", seen => seen with { Status = InstanceStatus.Stopped });

        Assert.Equal("""{"status":200,"message":"Server has been successfully stopped."}""", await _host.AskAsync(Stop));
    }

    [Theory]
    [InlineData(RefusalKind.NotFound, """{"status":404,"message":"Instance not found!"}""")]
    [InlineData(RefusalKind.Conflict, """{"status":500,"message":"Some text."}""")]
    [InlineData(RefusalKind.Invalid, """{"status":400,"message":"Some text."}""")]
    [InlineData(RefusalKind.Unavailable, """{"status":503,"message":"Some text."}""")]
    public async Task Any_other_refusal_keeps_its_text(RefusalKind kind, string body)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance());
        instance.Refuse("start", kind, "some_word", "Some text.");
        instance.Refuse("stop", kind, "some_word", "Some text.");

        Assert.Equal(body, await _host.AskAsync(Start));
        Assert.Equal(body, await _host.AskAsync(Stop));
    }

    [Theory]
    [InlineData(nameof(LostSilo.NotTaken), 503, "Nothing was done")]
    [InlineData(nameof(LostSilo.InFlight), 504, "unknown")]
    public async Task A_lost_silo_is_told_in_the_envelope(string fault, int status, string word)
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance());
        instance.On["stop"] = _ => throw LostSilo.Of(fault);

        var answer = await _host.AskAsync(Stop);

        Assert.StartsWith($$"""{"status":{{status}},"message":""", answer, StringComparison.Ordinal);
        Assert.Contains(word, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_25_seconds_the_outcome_is_unknown()
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance());
        instance.Change("stop", seen => seen with { Status = InstanceStatus.Stopping, Busy = true });

        var pending = _host.AskAsync(Stop);
        await Eventually.Holds("the wait", () => instance.Calls.Contains("wait"));
        var passed = await _host.Gateway.PassTimeUntilAsync("the answer", () => pending.IsCompleted);

        Assert.True(passed >= TimeSpan.FromSeconds(25), $"answered after {passed}");
        Assert.Equal(
            """{"status":504,"message":"No answer in time; whether it was done is unknown. /api/instance/get_instance/ tells where the instance stands."}""",
            await pending);
    }

    [Fact]
    public async Task A_database_that_is_away_is_told_in_the_envelope()
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance());
        instance.On["get"] = _ => throw new StorageUnavailableException("/some/path/state.db is gone.");

        Assert.Equal("""{"status":503,"message":"The database can't be used now; the log says why."}""", await _host.AskAsync(Start));
        Assert.Contains("/some/path/state.db is gone.", _host.Gateway.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bug_is_told_in_the_envelope_with_a_trace_id_and_nothing_of_its_inside()
    {
        var instance = await _host.Gateway.AddAsync(Given.Instance());
        instance.On["stop"] = _ => throw new InvalidOperationException("secret inside");

        var answer = await _host.AskAsync(Stop);

        Assert.Matches("""^\{"status":500,"message":"An error that should not be. Trace id: [0-9A-Za-z:]+"\}$""", answer);
        Assert.Contains(answer.Split(' ')[^1].TrimEnd('"', '}'), _host.Gateway.Log.Text, StringComparison.Ordinal);
    }
}
