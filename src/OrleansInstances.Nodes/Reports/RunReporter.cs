using OrleansInstances.Nodes.Health;

namespace OrleansInstances.Nodes.Reports;

/// <summary>Tells grains, and whoever asks, what the keeper knows of a run.</summary>
internal sealed class RunReporter(string node, ReportCourier courier, HealthChecks health, TimeProvider time)
{
    private readonly Guid _adopter = Guid.NewGuid();

    /// <summary>What is known of one start attempt; null when it never came here, or is between its record and its spawn.</summary>
    public RunReport? Describe(HostedInstance instance, long epoch)
    {
        if (instance.Record is not { } record || record.Epoch < epoch)
        {
            return null;
        }

        if (record.Epoch > epoch)
        {
            return RunReports.OfPassed(new RunKey(instance.Id, epoch), node, time.GetUtcNow());
        }

        var (found, why) = health.Of(record.Run);
        return RunReports.Of(record, node, instance.OwnEpoch != epoch ? _adopter : null, instance.ClosedStart is { } closed && closed.Epoch == epoch ? closed.Why : null, time.GetUtcNow()) is { } report
            ? report with { Health = found, HealthMessage = why }
            : null;
    }

    public void Send(HostedInstance instance, long epoch)
    {
        // What is sent later must not have been true before what was sent first.
        lock (instance)
        {
            if (Describe(instance, epoch) is { } report)
            {
                courier.Send(instance, report);
            }
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
