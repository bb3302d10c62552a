using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace OrleansInstances.EndToEnd.Tests;

/// <summary>Output as it comes.</summary>
public sealed class FollowTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _end = new(TimeSpan.FromSeconds(60));
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
        var times = new List<double>();
        for (var i = 0; i < 21; i++)
        {
            var clock = Stopwatch.StartNew();
            await _silo.InputAsync(cat, "one\n");
            Assert.EndsWith(expected, await NextAsync(lines), StringComparison.Ordinal);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        // Of the sending too; a poll would take longer than this in the mean.
        Assert.InRange(times.Order().ElementAt(times.Count / 2), 0, 20);
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

        ProcessTable.KillKeeper(_silo.Data);
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

    private async Task<StreamReader> FollowAsync(string id, string query)
    {
        var response = await _silo.Http.GetAsync($"/api/instances/{id}/logs?follow=true&{query}", HttpCompletionOption.ResponseHeadersRead, _end.Token);
        response.EnsureSuccessStatusCode();
        return new StreamReader(await response.Content.ReadAsStreamAsync(_end.Token));
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
