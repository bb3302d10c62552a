using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Protocol;

namespace OrleansInstances.Keeper.Tests.Support;

/// <summary>A command beside a run's program, over a connection of its own. Blocking calls on threads of their own: a test's are few.</summary>
internal sealed class ExecClient : IDisposable
{
    private readonly Socket _connection = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Socket> _ends = [];
    private readonly List<byte> _received = [];
    private int _taken;

    private ExecClient()
    {
    }

    /// <summary>The reply to the request.</summary>
    public KeeperMessage Reply { get; private set; } = null!;

    /// <summary>The terminal, or what the command's stdin is fed through.</summary>
    public Socket Input => _ends[0];

    public Socket Stdout => _ends.Count == 1 ? _ends[0] : _ends[1];

    public Socket Stderr => _ends[2];

    public static async Task<ExecClient> OpenAsync(TestNode node, Guid instanceId, string[] command, Func<ExecRequest, ExecRequest>? change = null)
    {
        var client = new ExecClient();
        using var address = KeeperAddress.Open(node.DataFolder);
        await client._connection.ConnectAsync(address.EndPoint);
        var request = new ExecRequest(Guid.NewGuid(), instanceId, 1, command, new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin", ["TERM"] = "xterm" }, Cwd: null) { Seq = 2 };
        await client.SendAsync(new HelloRequest(KeeperProtocol.Version) { Seq = 1 });
        await client.SendAsync(change?.Invoke(request) ?? request);
        await client.MessageAsync();
        client.Reply = await client.MessageAsync();
        return client;
    }

    /// <summary>With a terminal of 80 columns and 24 rows.</summary>
    public static Task<ExecClient> OpenTerminalAsync(TestNode node, Guid instanceId, params string[] command) =>
        OpenAsync(node, instanceId, command, request => request with { Terminal = new WindowSize(80, 24) });

    public async Task WriteAsync(string text) => await Input.SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>All of stdout up to its end.</summary>
    public Task<string> ReadToEndAsync(Socket? end = null) => ReadUntilAsync(end ?? Stdout, text: null);

    /// <summary>What comes up to a text, which must come.</summary>
    public Task<string> ReadUntilAsync(string text) => ReadUntilAsync(Stdout, text);

    /// <summary>The message of the command's end.</summary>
    public async Task<ExecStatus> EndAsync() => (await MessageAsync()).Exec!;

    public void Drop() => _connection.Dispose();

    public void Dispose()
    {
        _connection.Dispose();
        _ends.ForEach(end => end.Dispose());
    }

    private static async Task<string> ReadUntilAsync(Socket end, string? text)
    {
        var read = new StringBuilder();
        var buffer = new byte[4096];
        while (text is null || !read.ToString().Contains(text, StringComparison.Ordinal))
        {
            try
            {
                var count = await end.ReceiveAsync(buffer).WaitAsync(Eventually.Deadline);
                if (count == 0)
                {
                    break;
                }

                read.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
            catch (SocketException)
            {
                // What controls a terminal reads an error once nobody has the terminal open.
                break;
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"Waited in vain for {text ?? "the end"} after: {read}");
            }
        }

        Assert.True(text is null || read.ToString().Contains(text, StringComparison.Ordinal), $"No {text} in: {read}");
        return read.ToString();
    }

    private async Task SendAsync(KeeperRequest request) =>
        await _connection.SendAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(request, KeeperJson.Default.KeeperRequest), (byte)'\n']);

    private async Task<KeeperMessage> MessageAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        int end;
        while ((end = _received.IndexOf((byte)'\n', _taken)) < 0)
        {
            if (!Receive())
            {
                Assert.True(Stopwatch.GetElapsedTime(begun) < Eventually.Deadline, "No message of the keeper came.");
                await Task.Delay(1);
            }
        }

        var line = _received[_taken..end];
        _taken = end + 1;
        return JsonSerializer.Deserialize(line.ToArray(), KeeperJson.Default.KeeperMessage)!;
    }

    private bool Receive()
    {
        var buffer = new byte[4096];
        Span<int> descriptors = stackalloc int[PassedDescriptors.Max];
        var errno = PassedDescriptors.TryReceive(_connection.SafeHandle, buffer, descriptors, out var read, out var count);
        if (errno == Errno.WouldBlock)
        {
            return false;
        }

        Assert.True(errno == 0 && read > 0, $"The connection ended (errno {errno}).");
        _received.AddRange(buffer.AsSpan(0, read));
        foreach (var descriptor in descriptors[..count])
        {
            _ends.Add(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));
        }

        return true;
    }
}
