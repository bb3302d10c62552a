using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes.Reports;

/// <summary>
/// Brings reports to the instances' grains until they are accepted: in order within an instance, many instances at once,
/// ever more slowly while a grain can't take its report.
/// </summary>
/// <param name="ended">Called when a grain accepted the end of a run.</param>
internal sealed partial class ReportCourier(IGrainFactory grains, Action<RunReport> ended, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Calls to grains at once.</summary>
    private const int MaxCalls = 64;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastDelay = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _calls = new(MaxCalls);
    private readonly CancellationTokenSource _stopping = new();

    public void Send(HostedInstance instance, RunReport report)
    {
        if (instance.Reports.Add(report))
        {
            // Not on the caller's turn: a grain that orders something must not wait for its own report.
            ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work.Courier.DeliverAsync(work.Reports), (Courier: this, instance.Reports), preferLocal: false);
        }
    }

    public void Dispose() => _stopping.Cancel();

    private async Task DeliverAsync(ReportQueue reports)
    {
        var delay = FirstDelay;
        while (reports.Current() is { } report && !_stopping.IsCancellationRequested)
        {
            if (await TryDeliverAsync(report))
            {
                reports.Accepted();
                delay = FirstDelay;
                if (report.IsFinal)
                {
                    ended(report);
                }
            }
            else
            {
                await Task.Delay(delay, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                delay = delay * 2 < LastDelay ? delay * 2 : LastDelay;
            }
        }
    }

    private async Task<bool> TryDeliverAsync(RunReport report)
    {
        await _calls.WaitAsync();
        try
        {
            var accepted = await grains.GetGrain<IInstanceGrain>(report.Run.InstanceId).ReportAsync(report);
            if (!accepted)
            {
                LogNotTaken(report.Run.InstanceId, report.Run.Epoch, report.Phase);
            }

            return accepted;
        }
        catch (Exception e)
        {
            LogFailed(e, report.Run.InstanceId, report.Run.Epoch, report.Phase);
            return false;
        }
        finally
        {
            _calls.Release();
        }
    }
}
