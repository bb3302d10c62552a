using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using OrleansInstances.Instances;
using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes.Health;

/// <summary>
/// Checks the runs that are to be checked as long as they run, also those of an earlier silo, and reports what changes.
/// While it is paused a run is not checked.
/// </summary>
internal sealed partial class HealthChecks(string dataFolder, Action<RunKey> changed, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Checks at once, of all runs.</summary>
    private const int MaxChecks = 16;

    private readonly HealthProbe _probe = new(dataFolder);
    private readonly SemaphoreSlim _places = new(MaxChecks);
    private readonly ConcurrentDictionary<Guid, Watch> _watches = new();

    /// <summary>Takes note of what the keeper says of a run.</summary>
    public void Observe(RunRecord record)
    {
        var isChecked = record is { Phase: RunRecordPhase.Running, Note: not null };
        if (_watches.TryGetValue(record.InstanceId, out var watch))
        {
            if (isChecked && watch.Run == record.Run)
            {
                return;
            }

            if (watch.Run.Epoch <= record.Epoch && _watches.TryRemove(KeyValuePair.Create(record.InstanceId, watch)))
            {
                watch.End.Cancel();
            }
        }

        if (isChecked)
        {
            Begin(record);
        }
    }

    public void Forget(Guid instanceId)
    {
        if (_watches.TryRemove(instanceId, out var watch))
        {
            watch.End.Cancel();
        }
    }

    public void Dispose()
    {
        foreach (var watch in _watches.Values)
        {
            watch.End.Cancel();
        }

        _probe.Dispose();
    }

    private void Begin(RunRecord record)
    {
        if (RunNote.Read(record.Note)?.Checks is { } note)
        {
            var watch = new Watch(record.Run, record.StartedAt, note, new CancellationTokenSource());
            if (_watches.TryAdd(record.InstanceId, watch))
            {
                _ = Task.Run(() => RunAsync(watch));
            }
        }
    }

    private async Task RunAsync(Watch watch)
    {
        try
        {
            var interval = TimeSpan.FromSeconds(watch.Note.Health.IntervalSeconds);
            while (!watch.End.IsCancellationRequested)
            {
                var why = await CheckAsync(watch).ConfigureAwait(false);
                if (!watch.End.IsCancellationRequested)
                {
                    Judge(watch, why);
                }

                await Task.Delay(interval, time, watch.End.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception failure)
        {
            LogFailed(failure, watch.Run.InstanceId, watch.Run.Epoch);
        }
    }

    private async Task<string?> CheckAsync(Watch watch)
    {
        await _places.WaitAsync().ConfigureAwait(false);
        try
        {
            var health = watch.Note.Health;
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(health.TimeoutSeconds), time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, watch.End.Token);
            try
            {
                return await _probe.CheckAsync(watch.Run, watch.Note, end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return $"The check took longer than {health.TimeoutSeconds} s.";
            }
        }
        finally
        {
            _places.Release();
        }
    }

    private void Judge(Watch watch, string? why)
    {
        var health = watch.Note.Health;
        if (why is null)
        {
            watch.Failures = 0;
        }
        else if (time.GetUtcNow() - watch.StartedAt >= TimeSpan.FromSeconds(health.StartPeriodSeconds))
        {
            watch.Failures++;
        }

        var found = why is null ? InstanceHealth.Healthy : watch.Failures >= health.Retries ? InstanceHealth.Unhealthy : watch.Found.Health;
        if (found != watch.Found.Health)
        {
            watch.Found = (found, why);
            LogChanged(watch.Run.InstanceId, watch.Run.Epoch, found, why);
            changed(watch.Run);
        }
    }

    /// <summary>What is known of a run.</summary>
    public (InstanceHealth Health, string? Why) Of(RunKey run) =>
        _watches.TryGetValue(run.InstanceId, out var watch) && watch.Run == run ? watch.Found : default;

    [LoggerMessage(LogLevel.Information, "{InstanceId} epoch {Epoch} is {Health}: {Why}")]
    private partial void LogChanged(Guid instanceId, long epoch, InstanceHealth health, string? why);

    [LoggerMessage(LogLevel.Error, "The health checks of {InstanceId} epoch {Epoch} ended by a fault of their own")]
    private partial void LogFailed(Exception failure, Guid instanceId, long epoch);

    private sealed class Watch(RunKey run, DateTimeOffset startedAt, HealthNote note, CancellationTokenSource end)
    {
        private (InstanceHealth, string?) _found;

        public RunKey Run => run;

        public DateTimeOffset StartedAt => startedAt;

        public HealthNote Note => note;

        /// <summary>Cancelled once; collected with the watch.</summary>
        public CancellationTokenSource End => end;

        /// <summary>In a row, those of the start period left out.</summary>
        public int Failures { get; set; }

        public (InstanceHealth Health, string? Why) Found
        {
            get
            {
                lock (this)
                {
                    return _found;
                }
            }

            set
            {
                lock (this)
                {
                    _found = value;
                }
            }
        }
    }
}
