namespace OrleansInstances.Nodes.Reports;

/// <summary>Tells grains, and whoever asks, what the keeper knows of a run.</summary>
internal sealed class RunReporter(string node, ReportCourier courier, TimeProvider time)
{
    /// <summary>What is known of one start attempt; null when it never came here, or is between its record and its spawn.</summary>
    public RunReport? Describe(HostedInstance instance, long epoch)
    {
        if (instance.Record is not { } record || record.Epoch < epoch)
        {
            return null;
        }

        return record.Epoch > epoch
            ? RunReports.OfPassed(new RunKey(instance.Id, epoch), node, time.GetUtcNow())
            : RunReports.Of(record, node, adopted: instance.OwnEpoch != epoch, noRoom: instance.NoRoomEpoch == epoch, time.GetUtcNow());
    }

    public void Send(HostedInstance instance, long epoch)
    {
        if (Describe(instance, epoch) is { } report)
        {
            courier.Send(instance, report);
        }
    }

    /// <summary>Reports the latest run, unless its end was accepted before.</summary>
    public void SendLatest(HostedInstance instance)
    {
        if (instance.Record is { } record && !(record.HasEnded && record.Acknowledged))
        {
            Send(instance, record.Epoch);
        }
    }

    public void SendRefusedStart(HostedInstance instance, long epoch, string message) =>
        courier.Send(instance, RunReports.OfRefusedStart(new RunKey(instance.Id, epoch), node, message, time.GetUtcNow()));
}
