using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Processes;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes;

/// <summary>Carries orders out: one after the other within an instance, each by the keeper's reply, and reports what came of them.</summary>
internal sealed partial class OrderRunner(
    HostedInstances instances, IRunDriver keeper, NodeLease lease, RunReporter reports, ILogger logger)
{
    /// <summary>Each attempt waits up to 10 s for a connection and 10 s for the reply.</summary>
    private const int MaxAttempts = 6;

    /// <summary>False when the instance has too many orders under way.</summary>
    public bool TryRun(HostedInstance instance, KeeperRequest order)
    {
        if (!instance.Orders.TryAdd(order, out var first))
        {
            return false;
        }

        if (first)
        {
            // Not on the caller's turn, which must not wait for the keeper.
            ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Runner.RunAllAsync(work.Instance), (Runner: this, Instance: instance), preferLocal: false);
        }

        return true;
    }

    private async Task RunAllAsync(HostedInstance instance)
    {
        do
        {
            var order = instance.Orders.Current();
            try
            {
                await RunAsync(instance, order);
            }
            catch (Exception e)
            {
                LogFailed(e, Verb(order), instance.Id);
            }
        }
        while (instance.Orders.Next());
    }

    private Task RunAsync(HostedInstance instance, KeeperRequest order) => order switch
    {
        StartRequest start => StartAsync(instance, start),
        StopRequest stop => AskAndReportAsync(instance, stop, stop.Epoch),
        PauseRequest pause => AskAndReportAsync(instance, pause, pause.Epoch),
        ResumeRequest resume => AskAndReportAsync(instance, resume, resume.Epoch),
        RemoveRequest remove => RemoveAsync(instance, remove),
        _ => AskAsync(instance, order),
    };

    private async Task StartAsync(HostedInstance instance, StartRequest start)
    {
        if (instance.RefusedStart is { } refused && refused.Epoch == start.Epoch)
        {
            reports.SendRefusedStart(instance, start.Epoch, refused.Why);
            return;
        }

        var isNew = IsNew(instance, start);
        if (isNew)
        {
            if (instances.TryTakePlace(instance, Place.Of(start.Limits)) is { } noRoom)
            {
                await CloseAsync(instance, start, noRoom);
                return;
            }

            instance.OwnEpoch = start.Epoch;
        }

        var reply = await AskAndReportAsync(instance, start, start.Epoch);
        if (reply is { Error: null })
        {
            return;
        }

        instances.SettlePlace(instance);
        if (isNew && reply is { Error.Code: KeeperErrorCodes.Fenced })
        {
            await CloseAsync(instance, start, reply.Error.Message);
        }
        else if (reply is not null && reports.Describe(instance, start.Epoch) is null)
        {
            instance.RefusedStart = (start.Epoch, reply.Error.Message);
            reports.SendRefusedStart(instance, start.Epoch, reply.Error.Message);
        }
    }

    /// <summary>Closed durably before it is reported, so that no later order can bring this epoch up.</summary>
    private Task CloseAsync(HostedInstance instance, StartRequest start, string why)
    {
        instance.ClosedStart = (start.Epoch, why);
        LogClosed(instance.Id, start.Epoch, why);
        return AskAndReportAsync(instance, new StopRequest(instance.Id, start.Epoch, SignalNames.Kill, 0), start.Epoch);
    }

    private async Task RemoveAsync(HostedInstance instance, RemoveRequest remove)
    {
        if (await AskAsync(instance, remove) is { Error: null } or { Error.Code: KeeperErrorCodes.Unknown })
        {
            instances.Forget(instance);
        }
    }

    private async Task<KeeperMessage?> AskAndReportAsync(HostedInstance instance, KeeperRequest order, long epoch)
    {
        var reply = await AskAsync(instance, order);

        // What is being stopped is reported when it has ended.
        if (reply is not null && instance.Record is not { Phase: RunRecordPhase.Stopping })
        {
            reports.Send(instance, epoch);
        }

        return reply;
    }

    /// <summary>The keeper's reply; null when its outcome stays unknown: the grain learns it by asking again.</summary>
    private async Task<KeeperMessage?> AskAsync(HostedInstance instance, KeeperRequest order)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (order is StartRequest start && IsNew(instance, start) && lease.Refuse(start) is { } why)
            {
                return new KeeperMessage { Error = new KeeperError(KeeperErrorCodes.Fenced, why) };
            }

            try
            {
                var reply = await (instance.Driver ?? keeper).RequestAsync(order);
                if (reply.Error is { } error)
                {
                    LogRefused(Verb(order), instance.Id, error.Code, error.Message);
                }

                return reply;
            }
            catch (KeeperUnavailableException e) when (attempt < MaxAttempts && (IsIdempotent(order) || !e.OutcomeUnknown))
            {
                LogAgain(Verb(order), instance.Id, e.Message);
            }
            catch (KeeperUnavailableException e)
            {
                LogGivenUp(Verb(order), instance.Id, attempt, e.Message);
                return null;
            }
        }
    }

    /// <summary>What the keeper has of this epoch is asked for whatever became of the node since; what it hasn't, must still be wanted here.</summary>
    private static bool IsNew(HostedInstance instance, StartRequest start) => instance.Record is not { } known || known.Epoch < start.Epoch;

    /// <summary>A signal may count; everything else does nothing the second time.</summary>
    private static bool IsIdempotent(KeeperRequest order) => order is not SignalRequest;

    private static string Verb(KeeperRequest order) => order.GetType().Name;
}
