using System.Diagnostics.Metrics;

namespace OrleansInstances.Storage;

/// <summary>Metrics of the meter <c>OrleansInstances.Storage</c>.</summary>
internal static class StorageDiagnostics
{
    private static readonly Meter Meter = new("OrleansInstances.Storage");

    public static Histogram<int> BatchSize { get; } =
        Meter.CreateHistogram<int>("oi.storage.batch.size", "{write}", "Writes that shared a commit.");

    public static Histogram<double> CommitDuration { get; } =
        Meter.CreateHistogram<double>("oi.storage.commit.duration", "s", "From the begin of a transaction to its commit.");

    public static Counter<long> WritesRefused { get; } =
        Meter.CreateCounter<long>("oi.storage.writes.refused", "{write}", "Writes refused because the queue was full.");
}
