using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Streams;
using OrleansInstances.Instances;
using OrleansInstances.Nodes;
using OrleansInstances.Testing;

namespace OrleansInstances.Hosting.Tests.Nodes;

/// <summary>What another Orleans service does: starts an instance by a grain call and gets its output from the stream. A whole silo with its keeper and a real program.</summary>
public sealed class OutputStreamTests : IAsyncLifetime
{
    private const int Lines = 20_000;

    private readonly TemporaryFolder _temporary = new();
    private IHost _host = null!;

    private IClusterClient Client => _host.Services.GetRequiredService<IClusterClient>();

    public async Task InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["OI:DATA"] = _temporary.Path;
        builder.Configuration["OI:SILO_PORT"] = $"{FreePort.Find()}";
        builder.Configuration["OI:GATEWAY_PORT"] = $"{FreePort.Find()}";
        builder.AddOrleansInstances();
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        using var down = System.Diagnostics.Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrleansInstances.Keeper.dll"), "--data", _temporary.Path, "--stop-all", "--timeout-seconds", "0"]);
        await down.WaitForExitAsync();
        _temporary.Dispose();
    }

    [Fact]
    public async Task A_watched_instances_output_comes_on_its_stream_whole_and_in_order()
    {
        var id = Guid.NewGuid();
        var received = new ConcurrentQueue<OutputSlice>();
        var spec = new InstanceSpec { Command = ["/bin/sh", "-c", $"read go; seq 1 {Lines}; exec sleep 1000"] };
        Assert.Null((await Client.GetGrain<IInstanceGrain>(id).CreateAsync(spec, "admin", start: true)).Refusal);
        await RunningAsync(id);

        var stream = Client.GetStreamProvider(OutputStreams.Provider).GetStream<OutputSlice>(StreamId.Create(OutputStreams.Namespace, id));
        var subscription = await stream.SubscribeAsync((slice, _) =>
        {
            received.Enqueue(slice);
            return Task.CompletedTask;
        });
        var watch = await Client.WatchOutputAsync(id);
        Assert.Equal((null, 0L, TimeSpan.FromSeconds(60)), (watch.Refusal, watch.From, watch.For));

        var instance = (await Client.GetGrain<IInstanceGrain>(id).GetAsync()).Instance!;
        await Client.GetGrain<INodeGrain>(instance.Node!).WriteInputAsync(new RunKey(id, instance.Epoch), "go\n"u8.ToArray(), close: false);

        var expected = string.Concat(Enumerable.Range(1, Lines).Select(i => $"{i}\n"));
        await UntilAsync(() => Text(received).Length >= expected.Length, () => $"{Text(received).Length} of {expected.Length} bytes");
        Assert.Equal(expected, Text(received));
        await subscription.UnsubscribeAsync();
    }

    [Fact]
    public async Task An_instances_output_is_followed_from_an_offset_whole_and_in_order_until_it_is_deleted()
    {
        const int From = 100;
        var id = Guid.NewGuid();
        var grain = Client.GetGrain<IInstanceGrain>(id);
        var expected = string.Concat(Enumerable.Range(1, Lines).Select(i => $"{i}\n"))[From..];
        Assert.Null((await grain.CreateAsync(new InstanceSpec { Command = ["/bin/sh", "-c", $"seq 1 {Lines}; exec sleep 1000"] }, "admin", start: true)).Refusal);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (text, next) = (new StringBuilder(), (long)From);

        await foreach (var slice in Client.FollowOutputAsync(id, From, limit.Token))
        {
            Assert.Equal(next, slice.Offset);
            text.Append(Encoding.ASCII.GetString(slice.Data.Span));
            next += slice.Data.Length;
            if (text.Length == expected.Length)
            {
                Assert.Null((await grain.DeleteAsync()).Refusal);
            }
        }

        Assert.Equal(expected, text.ToString());
    }

    [Fact]
    public async Task Nobody_can_watch_what_is_not_there()
    {
        Assert.Equal("not_found", (await Client.WatchOutputAsync(Guid.NewGuid())).Refusal!.Code);

        var id = Guid.NewGuid();
        await Client.GetGrain<IInstanceGrain>(id).CreateAsync(new InstanceSpec { Command = ["/bin/cat"] }, "admin", start: false);
        Assert.Equal("no_node", (await Client.WatchOutputAsync(id)).Refusal!.Code);
    }

    /// <summary>Pieces that overlap or leave a gap would show in the text.</summary>
    private static string Text(IEnumerable<OutputSlice> slices)
    {
        var text = new StringBuilder();
        foreach (var slice in slices)
        {
            Assert.Equal(text.Length, slice.Offset);
            text.Append(Encoding.ASCII.GetString(slice.Data.Span));
        }

        return text.ToString();
    }

    private async Task RunningAsync(Guid id)
    {
        var grain = Client.GetGrain<IInstanceGrain>(id);
        var instance = (await grain.GetAsync()).Instance!;
        while (instance.Status != InstanceStatus.Running)
        {
            instance = (await grain.WaitAsync(instance.Version, TimeSpan.FromSeconds(5))).Instance!;
        }
    }

    private static async Task UntilAsync(Func<bool> holds, Func<string> seen)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!holds())
        {
            Assert.False(limit.IsCancellationRequested, $"Waited 20 s; seen: {seen()}");
            await Task.Delay(10);
        }
    }
}
