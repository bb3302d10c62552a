using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests.Dialects.Ksm;

public sealed class KsmConsoleTests : IAsyncLifetime
{
    private const string Send = "/api/instance/server_send/";

    private readonly ConcurrentQueue<(RunKey Run, string Text, bool Close)> _written = new();
    private KsmHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await KsmHost.StartNewAsync();
        _host.Grains.Node("n1").OnInput = (run, data, close) =>
        {
            _written.Enqueue((run, Encoding.UTF8.GetString(data), close));
            return new InputReply(data.Length, null);
        };
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Each_argument_is_a_line_and_all_are_one_write()
    {
        await _host.Gateway.AddAsync(Given.Instance(id: Given.Id) with { Epoch = 3 });

        Assert.Equal("""{"status":200,"message":"Message has been sent."}""", await _host.AskAsync(Send, KsmHost.Request(args: ["say ü 'x' \"y\"", "", "$(reboot); --"])));

        Assert.Equal([(new RunKey(Given.Id, 3), "say ü 'x' \"y\"\n\n$(reboot); --\n", false)], _written);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task Without_a_line_it_is_a_bad_request(string? args)
    {
        await _host.Gateway.AddAsync(Given.Instance());
        var request = KsmHost.Request();
        var data = request["instance_data"]!.AsObject();
        data.Remove("args");
        if (args is not null)
        {
            data["args"] = JsonNode.Parse(args);
        }

        Assert.Equal(KsmHost.BadArguments, await _host.AskAsync(Send, request));
        Assert.Empty(_written);
    }

    [Theory]
    [InlineData(InstanceStatus.Stopped)]
    [InlineData(InstanceStatus.Starting)]
    [InlineData(InstanceStatus.Backoff)]
    public async Task What_does_not_run_takes_nothing(InstanceStatus status)
    {
        await _host.Gateway.AddAsync(Given.Instance(status));

        Assert.Equal("""{"status":500,"message":"Server is not started"}""", await _host.AskAsync(Send, KsmHost.Request(args: "hello")));
        Assert.Empty(_written);
    }

    [Theory]
    [InlineData("not_running", RefusalKind.Conflict, """{"status":500,"message":"Server is not started"}""")]
    [InlineData("input_closed", RefusalKind.Conflict, """{"status":500,"message":"Not all."}""")]
    [InlineData("input_full", RefusalKind.Unavailable, """{"status":429,"message":"Server does not read its input: 3 of 6 bytes were taken."}""")]
    [InlineData("input_failed", RefusalKind.Unavailable, """{"status":503,"message":"Not all."}""")]
    public async Task What_the_node_does_not_take_is_told(string code, RefusalKind kind, string body)
    {
        await _host.Gateway.AddAsync(Given.Instance());
        _host.Grains.Node("n1").OnInput = (_, _, _) => new InputReply(3, new Refusal(kind, code, "Not all."));

        Assert.Equal(body, await _host.AskAsync(Send, KsmHost.Request(args: "hello")));
    }

    [Theory]
    [InlineData(InstanceStatus.Running, "a\nb\n", "a\n", "b\n")]
    [InlineData(InstanceStatus.Running, "a\r\nb", "a\r\n")]
    [InlineData(InstanceStatus.Paused, "a")]
    [InlineData(InstanceStatus.Lost, "a\nb", "a\n")]
    [InlineData(InstanceStatus.Stopped, "a\nb", "a\n", "b")]
    [InlineData(InstanceStatus.Failed, "b", "b")]
    [InlineData(InstanceStatus.Backoff, "a\nb", "a\n", "b")]
    [InlineData(InstanceStatus.Running, "\n\n", "\n", "\n")]
    [InlineData(InstanceStatus.Running, "")]
    [InlineData(InstanceStatus.Running, "ü \"x\" \u0001\n", "ü \"x\" \u0001\n")]
    public async Task Output_is_whole_lines_while_more_can_come(InstanceStatus status, string console, params string[] lines)
    {
        await _host.Gateway.AddAsync(Given.Instance(status));
        Show(Encoding.UTF8.GetBytes(console));

        Assert.Equal(lines, await LinesAsync());
    }

    [Fact]
    public async Task Both_places_of_the_lines_have_them()
    {
        await _host.Gateway.AddAsync(Given.Instance());
        Show("a\nü <b> & 'c'\n"u8.ToArray());

        Assert.Equal(
            """{"status":200,"message":"Output has been received.","outputs":["a\n","ü <b> & 'c'\n"],"instance":{"output":["a\n","ü <b> & 'c'\n"]}}""",
            await _host.AskAsync("/api/instance/get_output/"));
    }

    [Fact]
    public async Task What_is_no_utf8_is_replaced()
    {
        await _host.Gateway.AddAsync(Given.Instance());
        Show([.. "a"u8, 0xFF, 0xC3, .. "b\n"u8]);

        Assert.Equal(["a\uFFFD\uFFFDb\n"], await LinesAsync());
    }

    [Fact]
    public async Task What_came_before_the_last_requested_stop_is_not_shown()
    {
        await _host.Gateway.AddAsync(Given.Instance() with { ConsoleMark = 7 });
        Show("old\nunfnew\nmore\n"u8.ToArray());

        Assert.Equal(["new\n", "more\n"], await LinesAsync());
    }

    [Fact]
    public async Task After_a_requested_stop_there_is_nothing_to_show()
    {
        await _host.Gateway.AddAsync(Given.Instance(InstanceStatus.Stopped) with { ConsoleMark = 4 });
        Show("old\n"u8.ToArray());

        Assert.Empty(await LinesAsync());
    }

    [Fact]
    public async Task What_was_never_on_a_node_has_no_output()
    {
        await _host.Gateway.AddAsync(Given.Instance(InstanceStatus.Pending) with { Node = null });

        Assert.Empty(await LinesAsync());
    }

    [Theory]
    [InlineData(InstanceStatus.Running, 99, "", 99)]
    [InlineData(InstanceStatus.Running, 150, "", 100)]
    [InlineData(InstanceStatus.Running, 150, "unfinished", 100)]
    [InlineData(InstanceStatus.Stopped, 150, "unfinished", 99)]
    public async Task Of_many_lines_it_is_the_last_hundred(InstanceStatus status, int written, string rest, int whole)
    {
        await _host.Gateway.AddAsync(Given.Instance(status));
        Show(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, written).Select(i => $"line {i}\n")) + rest));

        var lines = await LinesAsync();

        Assert.Equal(Enumerable.Range(written - whole + 1, whole).Select(i => $"line {i}\n"), lines.Take(whole));
        Assert.Equal(status == InstanceStatus.Stopped ? [rest] : [], lines.Skip(whole));
    }

    [Fact]
    public async Task Of_long_lines_it_is_those_that_a_mebibyte_holds_whole()
    {
        await _host.Gateway.AddAsync(Given.Instance() with { ConsoleMark = 5 });
        var letters = "abcdefg".Select(letter => new string(letter, 199_999) + "\n").ToArray();
        Show(Encoding.UTF8.GetBytes("mark\n" + string.Concat(letters)));

        Assert.Equal(letters[2..], await LinesAsync());
    }

    [Fact]
    public async Task A_line_that_begins_where_the_mebibyte_does_is_whole()
    {
        await _host.Gateway.AddAsync(Given.Instance());
        var kept = new string('k', (1024 * 1024) - 2) + "\n";
        Show(Encoding.UTF8.GetBytes(new string('o', 100) + "\n" + kept));

        Assert.Equal([kept], await LinesAsync());
    }

    [Theory]
    [InlineData(InstanceStatus.Running, "\n", "\n")]
    [InlineData(InstanceStatus.Running, "\nunfinished", "\n")]
    [InlineData(InstanceStatus.Stopped, "", "")]
    public async Task A_single_longer_line_is_cut_at_its_front(InstanceStatus status, string after, string shown)
    {
        await _host.Gateway.AddAsync(Given.Instance(status));
        Show(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("üx", 500_000)) + after));

        var line = Assert.Single(await LinesAsync());

        Assert.Matches($"^x?(üx)+{shown}$", line);
        Assert.InRange(Encoding.UTF8.GetByteCount(line), (1024 * 1024) - 20, 1024 * 1024);
    }

    [Fact]
    public async Task An_unfinished_line_of_more_than_a_mebibyte_is_left_out()
    {
        await _host.Gateway.AddAsync(Given.Instance());
        Show(new byte[(1024 * 1024) + 100]);

        Assert.Empty(await LinesAsync());
    }

    /// <summary>The node answers from these bytes as a real one would.</summary>
    private void Show(byte[] console) => _host.Grains.Node("n1").OnOutput = query =>
    {
        var from = query.From ?? StartOfTail(console, query.TailLines ?? int.MaxValue);
        var length = Math.Min(console.Length - from, query.MaxBytes);
        return new OutputSlice(from, console.AsMemory((int)from, (int)length), console.Length, []);
    };

    private static long StartOfTail(byte[] console, int lines)
    {
        var start = console.Length;
        for (; lines > 0 && start > 0; lines--)
        {
            start = console.AsSpan(0, start - 1).LastIndexOf((byte)'\n') + 1;
        }

        return start;
    }

    private async Task<string[]> LinesAsync()
    {
        var answer = JsonNode.Parse(await _host.AskAsync("/api/instance/get_output/"))!;
        Assert.Equal((200, "Output has been received."), ((int)answer["status"]!, (string?)answer["message"]));
        Assert.Equal(answer["outputs"]!.ToJsonString(), answer["instance"]!["output"]!.ToJsonString());
        return [.. answer["outputs"]!.AsArray().Select(line => (string)line!)];
    }
}
