using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Output as it comes.</summary>
public sealed class FollowTests : IAsyncLifetime
{
    /// <summary>Of so many times the median is taken.</summary>
    private const int Window = 21;

    private readonly CancellationTokenSource _end = new(TimeSpan.FromMinutes(10));
    private RunningSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await RunningSilo.StartNewAsync();

    public async Task DisposeAsync()
    {
        await _end.CancelAsync();
        _end.Dispose();
        await _silo.DisposeAsync();
    }

    [Theory]
    [InlineData("text", "one")]
    [InlineData("ndjson", "\"message\":\"one\"}")]
    [InlineData("sse", "\"message\":\"one\"}")]
    [InlineData("raw", "one")]
    public async Task What_is_printed_is_pushed_at_once_until_the_instance_is_deleted(string format, string expected)
    {
        var cat = await _silo.CreateAsync("/bin/cat");
        await _silo.WaitForStateAsync(cat, "running");
        using var lines = await FollowAsync($"{cat["uuid"]}", $"format={format}");

        // Of the sending too. Polls that come less often than every 40 ms never have such a median, however long it is tried.
        var begun = Stopwatch.StartNew();
        var times = new List<double>();
        double Median() => times.TakeLast(Window).Order().ElementAt(Window / 2);
        while (times.Count < Window || Median() > 20)
        {
            Assert.True(begun.Elapsed.TotalSeconds < 60, $"Of {times.Count} no {Window} in a row had a median of 20 ms.");
            var clock = Stopwatch.StartNew();
            await _silo.InputAsync(cat, "one\n");
            Assert.EndsWith(expected, await NextAsync(lines), StringComparison.Ordinal);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        using var deleted = await _silo.Http.DeleteAsync($"/api/instances/{cat["uuid"]}");
        Assert.Null(await NextAsync(lines));
    }

    [Fact]
    public async Task It_goes_on_over_a_restart_of_the_instance_and_over_the_keepers_death()
    {
        var cat = await _silo.CreateAsync("/bin/sh", "-c", "echo started; exec cat");
        await _silo.WaitForStateAsync(cat, "running");
        using var lines = await FollowAsync($"{cat["uuid"]}", "format=text&from=0");
        Assert.Equal("started", await NextAsync(lines));

        await _silo.DoAsync(cat, "stop");
        await _silo.DoAsync(cat, "start");
        Assert.Equal("started", await NextAsync(lines));

        await ProcessTable.KillKeeperAsync(_silo.Data);
        await _silo.InputAsync(cat, "after\n");
        Assert.Equal("after", await NextAsync(lines));
    }

    [Fact]
    public async Task An_instance_can_be_followed_before_its_first_start()
    {
        var cat = await _silo.CreateAsync(new { command = new[] { "/bin/sh", "-c", "echo started; exec cat" }, start = false });
        using var lines = await FollowAsync($"{cat["uuid"]}", "format=text");

        await _silo.DoAsync(cat, "start");

        Assert.Equal("started", await NextAsync(lines));
    }

    [Fact]
    public async Task A_million_lines_reach_a_follower_whole_while_ten_others_are_stalled()
    {
        const int Count = 1_000_000;
        var filler = new string('x', 89);
        var instance = await _silo.CreateAsync(new
        {
            command = new[] { "/bin/sh", "-c", $"read go; seq -f '%010.0f{filler}' 1 {Count}; read go" },
            console = new { max_bytes = 256 * 1024 * 1024 },
        });
        await _silo.WaitForStateAsync(instance, "running");
        var stalled = new List<StreamReader>();
        for (var i = 0; i < 10; i++)
        {
            stalled.Add(await FollowAsync($"{instance["uuid"]}", "format=raw"));
        }

        using var response = await _silo.Http.GetAsync($"/api/instances/{instance["uuid"]}/logs?follow=true&format=raw", HttpCompletionOption.ResponseHeadersRead, _end.Token);
        await using var body = await response.Content.ReadAsStreamAsync(_end.Token);
        await _silo.InputAsync(instance, "\n");
        var line = new byte[100];
        for (var number = 1; number <= Count; number++)
        {
            await body.ReadExactlyAsync(line, _end.Token);
            if (int.Parse(line.AsSpan(0, 10), CultureInfo.InvariantCulture) != number || line[99] != '\n')
            {
                Assert.Fail($"Line {number} reads {Encoding.ASCII.GetString(line)}.");
            }
        }

        // One that was stalled all the time goes on where it is.
        for (var number = 1; number <= 100_000; number++)
        {
            Assert.StartsWith(number.ToString("D10", CultureInfo.InvariantCulture), await NextAsync(stalled[0]), StringComparison.Ordinal);
        }

        stalled.ForEach(reader => reader.Dispose());
    }

    [Fact]
    public async Task A_browser_that_comes_back_after_the_silos_death_misses_nothing_and_gets_nothing_twice()
    {
        var counter = await _silo.CreateAsync("/bin/sh", "-c", "n=1; while :; do echo $n; n=$((n+1)); sleep 0.005; done");
        var (seen, last) = (new List<int>(), "0");
        for (var visit = 0; visit < 3; visit++)
        {
            if (visit == 2)
            {
                await _silo.KillAsync();
                await _silo.StartAsync();
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/instances/{counter["uuid"]}/logs?follow=true&format=sse");
            request.Headers.Add("Last-Event-ID", last);
            using var response = await _silo.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(_end.Token));
            for (var line = 0; line < 50; line++)
            {
                var happened = await EventAsync(lines);
                last = happened.Id;
                seen.Add(int.Parse((string)JsonNode.Parse(happened.Data)!["message"]!, CultureInfo.InvariantCulture));
            }
        }

        Assert.Equal(Enumerable.Range(1, 150), seen);
    }

    /// <summary>Data and gaps tile the offsets of 1 GB exactly, however far behind the reader is, and cost the silo no memory.</summary>
    [Fact]
    public async Task A_gigabyte_past_a_small_bound_reaches_a_slow_follower_as_lines_and_gaps_and_the_silo_stays_small()
    {
        const int LineBytes = 1000;
        const int BurstLines = 50_000;
        const long Burst = BurstLines * LineBytes;
        const long Total = 20 * Burst;
        var filler = new string('x', LineBytes - 11);
        var loud = await _silo.CreateAsync(new
        {
            command = new[] { "/bin/sh", "-c", $"n=0; while read go; do seq -f '%010.0f{filler}' $((n+1)) $((n+={BurstLines})); done" },
            console = new { max_bytes = 16 * 1024 * 1024 },
        });
        await _silo.WaitForStateAsync(loud, "running");
        using var stalled = await FollowAsync($"{loud["uuid"]}", "format=raw");
        using var follower = await FollowAsync($"{loud["uuid"]}", "format=sse&from=0");
        var before = ProcessTable.PrivateBytes(_silo.Pid);
        await _silo.InputAsync(loud, "\n");
        await Eventually.Get("the follower to be far behind", () => HeadAsync($"{loud["uuid"]}"), head => head == Burst, seconds: 60);

        var (at, gaps, most) = (0L, 0, 0L);
        for (var count = 0; at < Total; count++)
        {
            if (at > 0 && at % Burst == 0)
            {
                await _silo.InputAsync(loud, "\n");
            }

            var happened = await EventAsync(follower);
            var next = long.Parse(happened.Id, CultureInfo.InvariantCulture);
            if (happened.IsGap)
            {
                Assert.Equal($$"""{"from":{{at}},"to":{{next}}}""", happened.Data);
                gaps++;
            }
            else
            {
                // Of a line that a gap has cut, one piece comes before it and one behind it.
                var start = happened.Data.IndexOf("\"message\":\"", StringComparison.Ordinal) + "\"message\":\"".Length;
                var message = happened.Data.AsSpan(start, happened.Data.Length - start - 2);
                var line = ((at / LineBytes) + 1).ToString("D10", CultureInfo.InvariantCulture) + filler;
                if (!line.AsSpan((int)(at % LineBytes)).StartsWith(message) || next - at - message.Length is not (0 or 1))
                {
                    Assert.Fail($"At {at} to {next} comes {message}.");
                }
            }

            at = next;
            most = count % 1000 == 0 ? Math.Max(most, ProcessTable.PrivateBytes(_silo.Pid)) : most;
        }

        Assert.Equal(Total, at);
        Assert.True(gaps > 0);
        Assert.InRange(most - before, long.MinValue, 64 * 1024 * 1024);
    }

    private async Task<StreamReader> FollowAsync(string id, string query)
    {
        var response = await _silo.Http.GetAsync($"/api/instances/{id}/logs?follow=true&{query}", HttpCompletionOption.ResponseHeadersRead, _end.Token);
        response.EnsureSuccessStatusCode();
        return new StreamReader(await response.Content.ReadAsStreamAsync(_end.Token));
    }

    private async Task<long> HeadAsync(string id)
    {
        using var response = await _silo.Http.GetAsync($"/api/instances/{id}/logs?tail=0", _end.Token);
        return long.Parse(response.Headers.GetValues("X-Console-Head").Single(), CultureInfo.InvariantCulture);
    }

    /// <summary>The next server-sent event.</summary>
    private async Task<(string Id, bool IsGap, string Data)> EventAsync(StreamReader lines)
    {
        var (id, isGap, data) = ("", false, "");
        while (await lines.ReadLineAsync(_end.Token) is { } line)
        {
            switch (line)
            {
                case "" when data.Length > 0:
                    return (id, isGap, data);
                case "event: gap":
                    isGap = true;
                    break;
                case ['i', 'd', ':', ' ', ..]:
                    id = line["id: ".Length..];
                    break;
                case ['d', 'a', 't', 'a', ':', ' ', ..]:
                    data = line["data: ".Length..];
                    break;
            }
        }

        throw new EndOfStreamException("The events ended.");
    }

    /// <summary>The next line that says something; null at the end.</summary>
    private async Task<string?> NextAsync(StreamReader lines)
    {
        while (await lines.ReadLineAsync(_end.Token) is { } line)
        {
            if (line.Length > 0 && !line.StartsWith("id:", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return null;
    }
}
