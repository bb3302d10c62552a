using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests.Execs;

/// <summary>A client of koyeb's exec, frame by frame as its command line sends them.</summary>
internal sealed class ExecSocket : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly MemoryStream _stdout = new();
    private readonly MemoryStream _stderr = new();
    private readonly byte[] _buffer = new byte[128 * 1024];
    private int _seen;

    private ExecSocket(string key)
    {
        _socket.Options.AddSubProtocol("Bearer");
        _socket.Options.AddSubProtocol(key);
    }

    public ClientWebSocket Socket => _socket;

    /// <summary>All of stdout that has come.</summary>
    public byte[] Stdout => _stdout.ToArray();

    public string Text => Encoding.UTF8.GetString(_stdout.GetBuffer(), 0, (int)_stdout.Length);

    public string Errors => Encoding.UTF8.GetString(_stderr.ToArray());

    /// <summary>Null until the last frame.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The error frame, if one came.</summary>
    public JsonNode? Error { get; private set; }

    public static async Task<ExecSocket> ConnectAsync(RunningSilo silo, string query = "", string key = RunningSilo.Key)
    {
        var client = new ExecSocket(key);
        await client._socket.ConnectAsync(new Uri($"ws://{silo.Http.BaseAddress!.Authority}/v1/streams/instances/exec{query}"), CancellationToken.None);
        Assert.Equal("Bearer", client._socket.SubProtocol);
        return client;
    }

    /// <summary>With a terminal.</summary>
    public static Task<ExecSocket> OpenTerminalAsync(RunningSilo silo, JsonNode instance, params string[] command) =>
        OpenAsync(silo, instance, disableTty: false, command);

    /// <summary>With three pipes.</summary>
    public static Task<ExecSocket> OpenAsync(RunningSilo silo, JsonNode instance, params string[] command) =>
        OpenAsync(silo, instance, disableTty: true, command);

    public Task SayAsync(object frame) => SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame));

    public Task SendAsync(ReadOnlyMemory<byte> message) =>
        _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).AsTask();

    public Task TypeAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    public Task WriteAsync(byte[] data, bool close = false) => SayAsync(new { body = new { stdin = new { data = Convert.ToBase64String(data), close } } });

    public Task CloseInputAsync() => SayAsync(new { body = new { stdin = new { close = true } } });

    public Task ResizeAsync(int width, int height) => SayAsync(new { body = new { tty_size = new { width, height } } });

    /// <summary>Reads up to a text behind what was waited for before.</summary>
    public async Task UntilAsync(string text)
    {
        int at;
        while ((at = Text.IndexOf(text, _seen, StringComparison.Ordinal)) < 0)
        {
            Assert.True(await ReceiveAsync(text), $"The session ended without {text}: {Text}{Errors}{Error}");
        }

        _seen = at + text.Length;
    }

    /// <summary>Reads to the last frame, and sees that the server closes behind it.</summary>
    public async Task<int?> ExitAsync()
    {
        while (await ReceiveAsync("the end"))
        {
        }

        Assert.Equal(WebSocketCloseStatus.NormalClosure, _socket.CloseStatus);
        return ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<ExecSocket> OpenAsync(RunningSilo silo, JsonNode instance, bool disableTty, string[] command)
    {
        var client = await ConnectAsync(silo);
        await client.SayAsync(new { id = (string)instance["uuid"]!, idType = "INSTANCE_ID", body = new { command, disableTty } });
        return client;
    }

    /// <summary>Takes one frame in; false when the server has closed.</summary>
    private async Task<bool> ReceiveAsync(string awaited)
    {
        var length = 0;
        while (true)
        {
            using var patience = new CancellationTokenSource(Deadline);
            ValueWebSocketReceiveResult part;
            try
            {
                part = await _socket.ReceiveAsync(_buffer.AsMemory(length), patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited {Deadline.TotalSeconds} s for {awaited}; so far: {Text}{Errors}");
            }

            if (part.MessageType == WebSocketMessageType.Close)
            {
                return false;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                Assert.InRange(length, 1, 64 * 1024);
                Take(JsonNode.Parse(_buffer.AsSpan(0, length))!.AsObject());
                return true;
            }
        }
    }

    private void Take(JsonObject frame)
    {
        Assert.Null(ExitCode);
        if (frame["error"] is { } error)
        {
            Assert.Equal(["code", "message", "details"], error.AsObject().Select(member => member.Key));
            Error = error;
            return;
        }

        var result = frame["result"]!.AsObject();
        Assert.Equal(["stdout", "stderr", "exited", "exit_code"], result.Select(member => member.Key));
        Add(result["stdout"], _stdout);
        Add(result["stderr"], _stderr);
        if ((bool)result["exited"]!)
        {
            ExitCode = (int)result["exit_code"]!;
        }
    }

    private static void Add(JsonNode? output, MemoryStream to)
    {
        if (output is not null)
        {
            to.Write(Convert.FromBase64String((string)output["data"]!));
        }
    }
}
