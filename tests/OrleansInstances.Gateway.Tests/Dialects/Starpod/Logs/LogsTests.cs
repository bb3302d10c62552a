using System.Text;
using System.Text.Json.Nodes;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Tests.Dialects.Starpod.Logs;

public sealed class LogsTests : IAsyncLifetime
{
    private static readonly string Path = $"/api/instances/{Given.Id}/logs";

    private readonly List<OutputQuery> _queries = [];
    private GatewayHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await GatewayHost.StartNewAsync();
        await _host.AddAsync(Given.Instance(id: Given.Id));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Lines_come_as_ndjson_each_terminated_and_timed()
    {
        Slices(new OutputSlice(10, "one\n\ntwo \"quoted\"\r\nlast"u8.ToArray(), 32, [new(0, At(5)), new(13, At(6)), new(15, At(9))]));

        var answer = await _host.GetAsync(Path);

        Assert.Equal((200, "application/x-ndjson", "10", "32"), (answer.Status, answer.ContentType, answer.Header("X-Console-Offset"), answer.Header("X-Console-Head")));
        Assert.Equal(
            """
            {"timestamp":5,"level":"info","message":"one"}
            {"timestamp":6,"level":"info","message":""}
            {"timestamp":9,"level":"info","message":"two \"quoted\"\r"}
            {"timestamp":9,"level":"info","message":"last"}

            """,
            answer.Body);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task Slices_may_end_anywhere(int size)
    {
        var text = "żółć 🐈 first\nsecond\n\n€ last"u8.ToArray();
        Console(text, size);

        Assert.Equal("żółć 🐈 first\nsecond\n\n€ last\n", (await _host.GetAsync(Path + "?format=text&from=0")).Body);
        Assert.Equal(["żółć 🐈 first", "second", "", "€ last"], Messages(await _host.GetAsync(Path + "?from=0")));
        Assert.Equal(text, await _host.Http.GetByteArrayAsync(Path + "?format=raw&from=0"));
    }

    [Fact]
    public async Task What_is_no_utf8_is_replaced_in_lines_and_kept_raw()
    {
        byte[] bytes = [(byte)'a', 0xFF, (byte)'b', 0xE2, 0x82, (byte)'\n', 0, 0x1B, (byte)'\n', 0xC3];
        Console(bytes, 4);

        Assert.Equal(["a\uFFFDb\uFFFD", "\0\u001B", "\uFFFD"], Messages(await _host.GetAsync(Path + "?from=0")));
        Assert.Equal("a\uFFFDb\uFFFD\n\0\u001B\n\uFFFD\n", (await _host.GetAsync(Path + "?format=text&from=0")).Body);
        Assert.Equal(bytes, await _host.Http.GetByteArrayAsync(Path + "?format=raw&from=0"));
    }

    [Fact]
    public async Task A_line_without_end_is_given_in_pieces_between_characters()
    {
        var text = "x" + string.Concat(Enumerable.Repeat("€", 100_000));
        Console(Encoding.UTF8.GetBytes(text), 10_000);

        var messages = Messages(await _host.GetAsync(Path + "?from=0"));

        Assert.Equal(text, string.Concat(messages));
        Assert.All(messages, message => Assert.InRange(Encoding.UTF8.GetByteCount(message), 1, 64 * 1024));
        Assert.Equal(5, messages.Count);
    }

    [Fact]
    public async Task A_gap_is_one_line_and_the_reading_goes_on()
    {
        Slices(
            new OutputSlice(0, "one\ntw"u8.ToArray(), 100, [new(0, At(5))]),
            new OutputSlice(90, "ee\nfour\n"u8.ToArray(), 120, [new(80, At(7))]),
            new OutputSlice(98, "5\n"u8.ToArray(), 130, [new(98, At(8))]));

        Assert.Equal(
            """
            {"timestamp":5,"level":"info","message":"one"}
            {"timestamp":5,"level":"info","message":"tw"}
            {"timestamp":5,"level":"warn","message":"[84 bytes of output are no longer kept]"}
            {"timestamp":7,"level":"info","message":"ee"}
            {"timestamp":7,"level":"info","message":"four"}
            {"timestamp":8,"level":"info","message":"5"}

            """,
            (await _host.GetAsync(Path + "?from=0")).Body);
    }

    [Fact]
    public async Task The_streams_of_a_split_console_are_told_apart_line_by_line()
    {
        Split("a1 e1\na2\ne2\nlast", "oooeeeoooeeeoooo");

        Assert.Equal(
            """
            {"timestamp":5,"level":"error","message":"e1","stream":"stderr"}
            {"timestamp":5,"level":"info","message":"a1 a2","stream":"stdout"}
            {"timestamp":5,"level":"error","message":"e2","stream":"stderr"}
            {"timestamp":5,"level":"info","message":"last","stream":"stdout"}

            """,
            (await _host.GetAsync(Path + "?from=0")).Body);
    }

    [Theory]
    [InlineData("text", "stdout", "a1 a2\nlast\n")]
    [InlineData("text", "stderr", "e1\ne2\n")]
    [InlineData("raw", "stdout", "a1 a2\nlast")]
    [InlineData("raw", "stderr", "e1\ne2\n")]
    public async Task One_stream_of_a_split_console_can_be_asked_for(string format, string stream, string expected)
    {
        Split("a1 e1\na2\ne2\nlast", "oooeeeoooeeeoooo");

        Assert.Equal(expected, (await _host.GetAsync($"{Path}?from=0&format={format}&stream={stream}")).Body);
    }

    [Fact]
    public async Task Events_carry_the_offset_to_go_on_from()
    {
        Slices(new OutputSlice(10, "one\ntwo\n"u8.ToArray(), 40, [new(10, At(5))]), new OutputSlice(30, "3\n"u8.ToArray(), 32, []));

        var answer = await _host.GetAsync(Path + "?from=10&format=sse");

        Assert.Equal(("text/event-stream", "no-store"), (answer.ContentType, answer.Header("Cache-Control")));
        Assert.Equal(
            """
            id: 14
            data: {"timestamp":5,"level":"info","message":"one"}

            id: 18
            data: {"timestamp":5,"level":"info","message":"two"}

            id: 30
            event: gap
            data: {"from":18,"to":30}

            id: 32
            data: {"timestamp":5,"level":"info","message":"3"}


            """,
            answer.Body);
    }

    /// <summary>Every event is once the last one that a browser has seen.</summary>
    [Fact]
    public async Task Who_comes_back_with_the_last_id_gets_each_line_once_also_when_lines_of_both_streams_had_begun()
    {
        Split("ab EF\ncd\nGHx\nIy\nJ\nz\n", "ooo" + "eee" + "ooo" + "ee" + "oo" + "e" + "oo" + "ee" + "oo");
        var all = Events((await _host.GetAsync(Path + "?from=0&format=sse")).Body);
        Assert.Equal(["EF", "ab cd", "x", "y", "GHIJ", "z"], all.Select(line => line.Message));

        for (var seen = 0; seen < all.Count; seen++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Path + "?format=sse&tail=1");
            request.Headers.Add("Last-Event-ID", all[seen].Id);
            var rest = await _host.SendAsync(request);
            Assert.Equal(all[(seen + 1)..], Events(rest.Body));
        }

        using var wrong = new HttpRequestMessage(HttpMethod.Get, Path + "?format=sse");
        wrong.Headers.Add("Last-Event-ID", "7-x");
        Assert.Equal(422, (await _host.SendAsync(wrong)).Status);
    }

    [Fact]
    public async Task Who_comes_back_is_told_of_what_is_no_longer_kept()
    {
        Slices(new OutputSlice(30, "3\n"u8.ToArray(), 32, []));
        using var request = new HttpRequestMessage(HttpMethod.Get, Path + "?format=sse");
        request.Headers.Add("Last-Event-ID", "18");

        var answer = await _host.SendAsync(request);

        Assert.StartsWith("id: 30\nevent: gap\ndata: {\"from\":18,\"to\":30}\n\nid: 32\n", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sse", "id: 30\nevent: gap\ndata: {\"from\":4,\"to\":30}\n\nid: 32\n")]
    [InlineData("raw", "")]
    public async Task Who_follows_from_the_end_is_told_of_what_was_dropped_before_anything_came(string format, string expected)
    {
        var reads = 0;
        _host.Grains.Node("n1").OnOutput = _ => Interlocked.Increment(ref reads) == 1 ? new OutputSlice(4, Array.Empty<byte>(), 4, []) : new OutputSlice(30, "3\n"u8.ToArray(), 32, []);
        using var response = await _host.Http.GetAsync($"{Path}?from=4&follow=true&format={format}", HttpCompletionOption.ResponseHeadersRead);

        await using var body = await response.Content.ReadAsStreamAsync();
        var read = new byte[expected.Length];
        await body.ReadExactlyAsync(read);

        Assert.Equal(("4", expected), (response.Headers.GetValues("X-Console-Offset").Single(), Encoding.UTF8.GetString(read)));
        Assert.True(expected.Length > 0 || await body.ReadAsync(new byte[1]) == 0);
    }

    [Fact]
    public async Task Raw_ends_at_a_gap_so_that_offsets_stay_true()
    {
        Slices(new OutputSlice(0, "one"u8.ToArray(), 100, []), new OutputSlice(90, "two"u8.ToArray(), 100, []));

        var answer = await _host.GetAsync(Path + "?from=0&format=raw");

        Assert.Equal(("one", "0", "100", "application/octet-stream"), (answer.Body, answer.Header("X-Console-Offset"), answer.Header("X-Console-Head"), answer.ContentType));
    }

    [Fact]
    public async Task A_console_that_grows_does_not_keep_its_reader()
    {
        _host.Grains.Node("n1").OnOutput = query =>
        {
            _queries.Add(query);
            var from = query.From ?? 0;
            return new OutputSlice(from, new byte[Math.Min(3, query.MaxBytes)], from + 10, []);
        };

        Assert.Equal(10, (await _host.Http.GetByteArrayAsync(Path + "?from=0&format=raw")).Length);
        Assert.Equal([0, 3, 6, 9], _queries.Select(query => query.From));
    }

    [Theory]
    [InlineData("", null, 50, null)]
    [InlineData("?tail=3", null, 3, null)]
    [InlineData("?tail=0", null, 0, null)]
    [InlineData("?from=7", 7L, null, null)]
    [InlineData("?since=1710410400", null, null, 1710410400.0)]
    [InlineData("?since=1710410400.5", null, null, 1710410400.5)]
    [InlineData("?since=2024-03-14T10:00:00Z", null, null, 1710410400.0)]
    [InlineData("?since=2024-03-14T11:00:00%2B01:00", null, null, 1710410400.0)]
    [InlineData("?since=5&tail=2", null, 2, 5.0)]
    [InlineData("?from=7&since=5", 7L, null, 5.0)]
    [InlineData("?follow=false", null, 50, null)]
    public async Task Parameters_reach_the_node(string query, long? from, int? tail, double? since)
    {
        Slices();

        Assert.Equal(200, (await _host.GetAsync(Path + query)).Status);

        var asked = Assert.Single(_queries);
        Assert.Equal((Given.Id, from, tail), (asked.InstanceId, asked.From, asked.TailLines));
        Assert.Equal(since, asked.Since?.ToUnixTimeMilliseconds() / 1000.0);
        Assert.Equal(1024 * 1024, asked.MaxBytes);
    }

    [Theory]
    [InlineData("stream=stdin", "invalid")]
    [InlineData("follow=maybe", "invalid")]
    [InlineData("format=xml", "invalid")]
    [InlineData("from=-1", "invalid")]
    [InlineData("from=x", "invalid")]
    [InlineData("tail=-1", "invalid")]
    [InlineData("tail=1000001", "invalid")]
    [InlineData("tail=1.5", "invalid")]
    [InlineData("since=yesterday", "invalid")]
    [InlineData("since=-5", "invalid")]
    [InlineData("since=99999999999999999999999999999", "invalid")]
    [InlineData("from=1&tail=1", "invalid")]
    public async Task Wrong_parameters_are_422(string query, string code)
    {
        var answer = await _host.GetAsync($"{Path}?{query}");

        Assert.Equal((422, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task An_instance_that_never_ran_has_an_empty_log()
    {
        _host.Grains.Instance(Given.Id).Snapshot = Given.Instance(InstanceStatus.Pending, Given.Id) with { Node = null };

        var answer = await _host.GetAsync(Path);

        Assert.Equal((200, "", "0", "0"), (answer.Status, answer.Body, answer.Header("X-Console-Offset"), answer.Header("X-Console-Head")));
    }

    [Fact]
    public async Task A_reading_that_fails_half_way_breaks_off_and_does_not_pretend_to_be_whole()
    {
        _host.Grains.Node("n1").OnOutput = query => query.From == 0
            ? new OutputSlice(0, new byte[100_000], 200_000, [])
            : throw new IOException("disk");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _host.Http.GetByteArrayAsync(Path + "?from=0&format=raw"));
        Assert.Contains("broke off", _host.Log.Text, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);

    private static List<string> Messages(Answer answer)
    {
        Assert.EndsWith("\n", answer.Body, StringComparison.Ordinal);
        return [.. answer.Body.Split('\n')[..^1].Select(line => (string)JsonNode.Parse(line)!["message"]!)];
    }

    private static List<(string Id, string Message)> Events(string body) =>
    [
        .. body.Split("\n\n")[..^1].Select(text => text.Split('\n')).Select(lines =>
            (lines[0]["id: ".Length..], (string)JsonNode.Parse(lines[1]["data: ".Length..])!["message"]!)),
    ];

    /// <summary>The node has this console; of each byte <paramref name="streams"/> says where it came from, o or e.</summary>
    private void Split(string text, string streams)
    {
        Assert.Equal(text.Length, streams.Length);
        _host.Grains.Instance(Given.Id).Snapshot = Given.Instance(id: Given.Id) with { Spec = Given.Instance().Spec with { Console = new ConsoleSpec(Split: true) } };
        _host.Grains.Node("n1").OnOutput = query =>
        {
            var from = (int)(query.From ?? 0);
            var times = streams.Index()
                .Where(at => at.Index == from || (at.Index > from && at.Item != streams[at.Index - 1]))
                .Select(at => new OutputTime(at.Index, At(5), at.Item == 'e' ? OutputStream.Stderr : OutputStream.Stdout));
            return new OutputSlice(from, Encoding.UTF8.GetBytes(text[from..]), text.Length, [.. times]);
        };
    }

    /// <summary>The node gives these one after the other, whatever it is asked.</summary>
    private void Slices(params OutputSlice[] slices)
    {
        var next = 0;
        _host.Grains.Node("n1").OnOutput = query =>
        {
            _queries.Add(query);
            return next < slices.Length ? slices[next++] : null;
        };
    }

    /// <summary>The node has this console and gives it in slices of a size.</summary>
    private void Console(byte[] bytes, int size) => _host.Grains.Node("n1").OnOutput = query =>
    {
        var from = (int)(query.From ?? 0);
        return new OutputSlice(from, bytes.AsMemory(from, Math.Min(Math.Min(size, query.MaxBytes), bytes.Length - from)), bytes.Length, []);
    };
}
