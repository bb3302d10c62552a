using System.Diagnostics.Tracing;
using Microsoft.Diagnostics.NETCore.Client;

namespace OrleansInstances.Bench.Processes;

/// <summary>A full collection in another .NET process.</summary>
internal static class GarbageCollection
{
    private const string RuntimeProvider = "Microsoft-Windows-DotNETRuntime";

    /// <summary>GCHeapCollectKeyword: the runtime collects when a session that asks for it begins.</summary>
    private const long CollectKeyword = 0x800000;

    public static async Task RunInAsync(int pid, CancellationToken cancel)
    {
        var provider = new EventPipeProvider(RuntimeProvider, EventLevel.Informational, CollectKeyword);
        using var session = await new DiagnosticsClient(pid).StartEventPipeSessionAsync([provider], requestRundown: false, circularBufferMB: 1, cancel);
        var drained = session.EventStream.CopyToAsync(Stream.Null, cancel);
        await session.StopAsync(cancel);
        await drained;
    }
}
