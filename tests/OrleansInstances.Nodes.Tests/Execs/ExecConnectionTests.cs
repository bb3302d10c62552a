using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Execs;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Execs;

public sealed class ExecConnectionTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private ScriptedKeeper _keeper = null!;

    public Task InitializeAsync()
    {
        _keeper = new ScriptedKeeper(_folder.Path);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _keeper.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_is_told_of_other_runs_meanwhile_is_not_taken_for_the_reply()
    {
        var other = Guid.NewGuid();
        _keeper.Runs[other] = ScriptedKeeper.Record(other, 1, RunRecordPhase.Running);
        _keeper.Script = request =>
        {
            if (request is not ExecRequest)
            {
                return null;
            }

            _keeper.End(other, 0);
            return new KeeperMessage { Exec = new ExecStatus(127, null, "There is no such program.") };
        };

        Assert.Equal(new ExecStatus(127, null, "There is no such program."), (await OpenAsync()).Exec);
    }

    [Fact]
    public async Task A_keeper_that_takes_no_more_connections_says_so()
    {
        var busy = new KeeperError(KeeperErrorCodes.Failed, "16 connections are open, and no more are allowed.");
        _keeper.Script = _ => new KeeperMessage { Error = busy };

        Assert.Equal(busy, (await OpenAsync()).Error);
    }

    private async Task<KeeperMessage> OpenAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (connection, reply) = await ExecConnection.OpenAsync(
            _folder.Path, new ExecRequest(Guid.NewGuid(), Guid.NewGuid(), 1, ["true"], new Dictionary<string, string>(), null), patience.Token);
        connection.Dispose();
        return reply;
    }
}
