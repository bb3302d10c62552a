using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Processes;

public sealed class KeeperClientTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly Listener _listener = new();
    private ScriptedKeeper _keeper = null!;
    private KeeperClient _client = null!;

    public Task InitializeAsync()
    {
        _keeper = new ScriptedKeeper(_folder.Path);
        _client = new KeeperClient(_folder.Path, _listener, TimeProvider.System, NullLogger.Instance);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        await _keeper.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_says_hello_and_lists_before_it_is_ready()
    {
        var run = _keeper.Runs[Guid.NewGuid()] = ScriptedKeeper.Record(Guid.NewGuid(), 3, RunRecordPhase.Running);

        await StartAsync();

        Assert.Equal([run], Assert.Single(_listener.Lists));
        Assert.Collection(
            _keeper.Requests,
            request => Assert.Equal(KeeperProtocol.Version, Assert.IsType<HelloRequest>(request).Version),
            request => Assert.IsType<ListRequest>(request));
    }

    [Fact]
    public async Task A_list_of_many_pages_is_one_list()
    {
        for (var i = 0; i < (2 * KeeperProtocol.ListPage) + 1; i++)
        {
            var run = ScriptedKeeper.Record(Guid.NewGuid(), 1, RunRecordPhase.Running);
            _keeper.Runs[run.InstanceId] = run;
        }

        await StartAsync();

        Assert.Equal(_keeper.Runs.Keys.Order(), Assert.Single(_listener.Lists).Select(run => run.InstanceId));
    }

    [Fact]
    public async Task Replies_find_their_requests_in_any_order()
    {
        await StartAsync();
        var held = new ConcurrentQueue<StartRequest>();
        _keeper.Script = request =>
        {
            // The reply to the last one carries nothing of its own: all the others are answered before it, in reverse.
            if (request is StartRequest start)
            {
                held.Enqueue(start);
                if (held.Count == 3)
                {
                    foreach (var each in held.Reverse())
                    {
                        _keeper.Tell(new KeeperMessage { Seq = each.Seq, Run = ScriptedKeeper.Record(each.InstanceId, each.Epoch, RunRecordPhase.Running) });
                    }
                }

                return ScriptedKeeper.NoReply;
            }

            return null;
        };

        var replies = await Eventually.WithinAsync(
            Task.WhenAll(Enumerable.Range(1, 3).Select(epoch => _client.RequestAsync(Start(Guid.NewGuid(), epoch)))), "three replies");

        Assert.Equal([1, 2, 3], replies.Select(reply => reply.Run!.Epoch));
        Assert.Equal([3, 2, 1], _listener.Replies.Select(run => run.Epoch));
    }

    [Fact]
    public async Task An_error_of_the_keeper_is_a_reply()
    {
        await StartAsync();
        _keeper.Script = request => request is PauseRequest ? new KeeperMessage { Error = new KeeperError("conflict", "no") } : null;

        var reply = await _client.RequestAsync(new PauseRequest(Guid.NewGuid(), 1));

        Assert.Equal("conflict", reply.Error!.Code);
    }

    [Fact]
    public async Task A_request_without_a_reply_when_the_connection_ends_has_an_unknown_outcome()
    {
        await StartAsync();
        _keeper.Script = request => request is StartRequest ? ScriptedKeeper.NoReply : null;

        var start = _client.RequestAsync(Start(Guid.NewGuid(), 1));
        await Eventually.TrueAsync(() => _keeper.RequestsOf<StartRequest>().Any(), "the start at the keeper");
        _keeper.DropConnections();

        var error = await Assert.ThrowsAsync<KeeperUnavailableException>(() => Eventually.WithinAsync(start, "the failed start"));
        Assert.True(error.OutcomeUnknown);
    }

    [Fact]
    public async Task After_a_lost_connection_it_connects_and_lists_again()
    {
        await StartAsync();

        _keeper.DropConnections();

        await Eventually.TrueAsync(() => _listener.Lists.Count == 2, "a second list");
        Assert.Null((await _client.RequestAsync(Start(Guid.NewGuid(), 1))).Error);
    }

    [Fact]
    public async Task A_line_that_is_no_message_ends_the_connection_and_not_the_client()
    {
        await StartAsync();

        _keeper.TellRaw("{nonsense\n"u8.ToArray());

        await Eventually.TrueAsync(() => _listener.Lists.Count == 2, "a second list");
    }

    [Fact]
    public async Task Notices_are_told_in_their_order()
    {
        await StartAsync();
        var ids = Enumerable.Range(0, 100).Select(_ => Guid.NewGuid()).ToList();

        foreach (var id in ids)
        {
            _keeper.Runs[id] = ScriptedKeeper.Record(id, 1, RunRecordPhase.Running);
            _keeper.End(id, 0);
        }

        await Eventually.TrueAsync(() => _listener.Notices.Count == ids.Count, "all notices");
        Assert.Equal(ids, _listener.Notices.Select(run => run.InstanceId));
    }

    [Fact]
    public async Task A_run_listed_while_it_starts_is_followed_until_it_is_known()
    {
        var id = Guid.NewGuid();
        _keeper.Runs[id] = ScriptedKeeper.Record(id, 1, RunRecordPhase.Starting);
        await StartAsync();
        Assert.Empty(_listener.Notices);

        _keeper.Runs[id] = ScriptedKeeper.Record(id, 1, RunRecordPhase.Running);

        await Eventually.TrueAsync(() => _listener.Notices.Any(run => run.Phase == RunRecordPhase.Running), "the run as running");
        Assert.Single(_listener.Lists);
    }

    [Fact]
    public async Task An_order_longer_than_a_line_is_refused_and_harms_no_other()
    {
        await StartAsync();

        var reply = await _client.RequestAsync(Start(Guid.NewGuid(), 1) with { Command = [new string('x', KeeperProtocol.MaxLineBytes)] });

        Assert.Equal(KeeperErrorCodes.Protocol, reply.Error!.Code);
        Assert.Null((await _client.RequestAsync(Start(Guid.NewGuid(), 1))).Error);
        Assert.Single(_listener.Lists);
    }

    [Fact]
    public async Task A_thousand_requests_at_once_are_all_answered()
    {
        await StartAsync();

        var replies = await Eventually.WithinAsync(
            Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => _client.RequestAsync(Start(Guid.NewGuid(), 1)))), "a thousand replies");

        Assert.All(replies, reply => Assert.Null(reply.Error));
    }

    [Fact]
    public async Task An_older_keeper_is_asked_for_nothing_that_it_does_not_know()
    {
        _keeper.Version = 1;
        await StartAsync();

        var moving = await _client.RequestAsync(Start(Guid.NewGuid(), 1) with { Move = true });
        var plain = await _client.RequestAsync(Start(Guid.NewGuid(), 1));

        Assert.Equal(KeeperErrorCodes.Protocol, moving.Error?.Code);
        Assert.Contains("speaks version 1", moving.Error!.Message, StringComparison.Ordinal);
        Assert.Null(plain.Error);
        Assert.Single(_keeper.RequestsOf<StartRequest>());
    }

    private Task StartAsync() => _client.StartAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));

    private static StartRequest Start(Guid id, long epoch) => new(id, epoch, ["/bin/cat"], new Dictionary<string, string>(), null, false, 1 << 20);

    private sealed class Listener : IKeeperListener
    {
        public void OutputGrew(OutputNotice notice)
        {
        }

        public ConcurrentQueue<RunRecord> Replies { get; } = new();

        public ConcurrentQueue<RunRecord> Notices { get; } = new();

        public ConcurrentQueue<IReadOnlyList<RunRecord>> Lists { get; } = new();

        public void Replied(RunRecord run) => Replies.Enqueue(run);

        public void Noticed(RunRecord run) => Notices.Enqueue(run);

        public void Listed(IReadOnlyList<RunRecord> runs) => Lists.Enqueue(runs);
    }
}
