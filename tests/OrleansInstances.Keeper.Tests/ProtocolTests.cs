using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Keeper.Tests.Support;

namespace OrleansInstances.Keeper.Tests;

public sealed class ProtocolTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("garbage\n")]
    [InlineData("\0\u0001\u0002\n")]
    [InlineData("null\n")]
    [InlineData("[]\n")]
    [InlineData("{}\n")]
    [InlineData("{\"do\":\"dance\",\"seq\":1}\n")]
    [InlineData("{\"do\":\"hello\",\"seq\":1,\"version\":\"one\"}\n")]
    [InlineData("{\"do\":\"hello\",\"seq\":1,\"version\":0}\n")]
    [InlineData("{\"do\":\"list\",\"seq\":1}\n")]
    public async Task What_is_no_message_is_answered_with_a_protocol_error_and_the_end_of_the_connection(string line)
    {
        Assert.Equal(KeeperErrorCodes.Protocol, await ErrorBeforeEndAsync(Encoding.UTF8.GetBytes(line)));
        await AssertServesAsync();
    }

    [Fact]
    public async Task A_start_without_its_members_is_a_protocol_error()
    {
        var lines = "{\"do\":\"hello\",\"seq\":1,\"version\":1}\n{\"do\":\"start\",\"seq\":2}\n";

        Assert.Equal(KeeperErrorCodes.Protocol, await ErrorBeforeEndAsync(Encoding.UTF8.GetBytes(lines)));
        await AssertServesAsync();
    }

    [Fact]
    public async Task A_list_comes_in_pages_by_instance_id()
    {
        var ids = Enumerable.Range(0, KeeperProtocol.ListPage + 5).Select(_ => Guid.NewGuid()).Order().ToList();
        foreach (var id in ids)
        {
            // Closes an epoch that was never started, which leaves a record.
            await _node.Client.SendAsync(new StopRequest(id, Epoch: 1, Signal: 15, TimeoutMs: 0));
        }

        var first = (await _node.Client.SendAsync(new ListRequest())).Runs!;
        var second = (await _node.Client.SendAsync(new ListRequest(first[^1].InstanceId))).Runs!;

        Assert.Equal(KeeperProtocol.ListPage, first.Count);
        Assert.Equal(ids, first.Concat(second).Select(run => run.InstanceId));
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_a_protocol_error()
    {
        var endless = new byte[KeeperProtocol.MaxLineBytes + 1];
        Array.Fill(endless, (byte)'x');

        Assert.Equal(KeeperErrorCodes.Protocol, await ErrorBeforeEndAsync(endless));
        await AssertServesAsync();
    }

    [Fact]
    public async Task A_message_that_comes_byte_by_byte_is_understood()
    {
        using var socket = Connect();
        foreach (var part in "{\"do\":\"hello\",\"seq\":7,\"version\":1}\n"u8.ToArray())
        {
            await socket.SendAsync(new[] { part });
        }

        using var lines = new StreamReader(new NetworkStream(socket));
        var reply = Parse(await lines.ReadLineAsync().WaitAsync(Eventually.Deadline));

        Assert.Equal((7, _node.KeeperPid), (reply.Seq, reply.Keeper?.Pid));
    }

    [Fact]
    public async Task Connections_past_the_bound_are_told_so()
    {
        // With the node's own client there are sixteen.
        var clients = new List<KeeperClient>();
        for (var i = 0; i < 15; i++)
        {
            clients.Add(await KeeperClient.ConnectAsync(_node.DataFolder));
        }

        using (var oneTooMany = Connect())
        {
            using var lines = new StreamReader(new NetworkStream(oneTooMany));
            var reply = Parse(await lines.ReadLineAsync().WaitAsync(Eventually.Deadline));
            Assert.Contains("16 connections", reply.Error?.Message);
        }

        foreach (var client in clients)
        {
            Assert.NotNull((await client.SendAsync(new ListRequest())).Runs);
            await client.DisposeAsync();
        }

        await AssertServesAsync();
    }

    [Fact]
    public async Task A_client_that_stops_reading_is_dropped_and_the_others_are_served()
    {
        var start = TestNode.Command(["true"]) with { Env = new Dictionary<string, string>(), Cwd = "/" + new string('x', 100_000) };
        await _node.Client.RunAsync(start);
        using var deaf = Connect();
        await deaf.SendAsync(Encoding.UTF8.GetBytes("{\"do\":\"hello\",\"seq\":1,\"version\":1}\n"));

        // Each answer holds the long message of the failed start.
        var request = Encoding.UTF8.GetBytes("{\"do\":\"list\",\"seq\":2}\n");
        var sending = Task.Run(async () =>
        {
            while (true)
            {
                await deaf.SendAsync(request);
            }
        });
        await Assert.ThrowsAnyAsync<SocketException>(() => sending.WaitAsync(Eventually.Deadline));

        Assert.Contains("reads too slowly", await File.ReadAllTextAsync(InstanceFolder.KeeperLog(_node.DataFolder)));
        await AssertServesAsync();
    }

    [Fact]
    public async Task Requests_about_runs_that_are_not_there_are_refused_as_unknown()
    {
        var nobody = Guid.NewGuid();
        KeeperRequest[] requests =
        [
            new SignalRequest(nobody, 1, 15),
            new PauseRequest(nobody, 1),
            new ResumeRequest(nobody, 1),
            new CloseInputRequest(nobody, 1),
            new AcknowledgeRequest(nobody, 1),
        ];

        foreach (var request in requests)
        {
            Assert.Equal(KeeperErrorCodes.Unknown, (await _node.Client.SendAsync(request)).Error?.Code);
        }
    }

    private Socket Connect()
    {
        using var address = KeeperAddress.Open(_node.DataFolder);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(address.EndPoint);
        return socket;
    }

    private static KeeperMessage Parse(string? line) => JsonSerializer.Deserialize(line!, KeeperJson.Default.KeeperMessage)!;

    private async Task<string?> ErrorBeforeEndAsync(byte[] sent)
    {
        using var socket = Connect();
        try
        {
            for (var at = 0; at < sent.Length;)
            {
                at += await socket.SendAsync(sent.AsMemory(at));
            }
        }
        catch (SocketException)
        {
            // The keeper hung up before it had read everything, which is what an oversized line asks for.
        }

        using var lines = new StreamReader(new NetworkStream(socket));
        string? code = null;
        try
        {
            while (await lines.ReadLineAsync().WaitAsync(Eventually.Deadline) is { } line)
            {
                code = Parse(line).Error?.Code ?? code;
            }
        }
        catch (IOException)
        {
            // A reset in place of an end of file: something sent was left unread.
        }

        return code;
    }

    private async Task AssertServesAsync()
    {
        await using var client = await KeeperClient.ConnectAsync(_node.DataFolder);
        Assert.NotNull((await client.SendAsync(new ListRequest())).Runs);
    }
}
