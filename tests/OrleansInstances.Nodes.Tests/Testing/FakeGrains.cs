using System.Collections.Concurrent;
using System.Reflection;
using OrleansInstances.Instances;

namespace OrleansInstances.Nodes.Tests.Testing;

/// <summary>A grain factory that knows instances only, and what they were told.</summary>
internal sealed class FakeGrains
{
    private readonly ConcurrentQueue<RunReport> _accepted = new();
    private readonly ConcurrentQueue<RunReport> _told = new();
    private int _calls;
    private int _mostCalls;

    public FakeGrains()
    {
        Factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)Factory).Grains = this;
    }

    public IGrainFactory Factory { get; }

    /// <summary>What an instance does with a report; accepts it unless told otherwise.</summary>
    public Func<RunReport, Task<bool>> OnReport { get; set; } = _ => Task.FromResult(true);

    /// <summary>Accepted reports in their order.</summary>
    public IReadOnlyList<RunReport> Accepted => [.. _accepted];

    /// <summary>All reports in their order, also those that were not accepted.</summary>
    public IReadOnlyList<RunReport> Told => [.. _told];

    /// <summary>Ends of commands beside programs, in their order.</summary>
    public ConcurrentQueue<(Guid Id, ExecEnd End)> EndedExecs { get; } = new();

    public int MostCallsAtOnce => _mostCalls;

    public IEnumerable<RunReport> AcceptedOf(Guid instanceId) => _accepted.Where(report => report.Run.InstanceId == instanceId);

    public async Task<RunReport> WaitForAsync(RunKey run, RunPhase phase)
    {
        await Eventually.TrueAsync(
            () => Find() is not null,
            $"an accepted report that {run} is {phase}",
            () => $"Told: {string.Join(", ", Told.Select(report => $"{report.Run.Epoch} {report.Phase} {report.Message}"))}");
        return Find()!;

        RunReport? Find() => _accepted.LastOrDefault(report => report.Run == run && report.Phase == phase);
    }

    private async Task<bool> ReportAsync(RunReport report)
    {
        var calls = Interlocked.Increment(ref _calls);
        InterlockedMax(ref _mostCalls, calls);
        try
        {
            _told.Enqueue(report);
            var accepted = await OnReport(report);
            if (accepted)
            {
                _accepted.Enqueue(report);
            }

            return accepted;
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    public class FactoryProxy : DispatchProxy
    {
        internal FakeGrains? Grains { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(typeof(IInstanceGrain), targetMethod!.ReturnType);
            var grain = (InstanceProxy)(object)Create<IInstanceGrain, InstanceProxy>();
            grain.Grains = Grains;
            Assert.IsType<Guid>(args![0]);
            return grain;
        }
    }

    public class InstanceProxy : DispatchProxy
    {
        internal FakeGrains? Grains { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IInstanceGrain.EndExecAsync))
            {
                Grains!.EndedExecs.Enqueue(((Guid)args![0]!, (ExecEnd)args[1]!));
                return Task.CompletedTask;
            }

            Assert.Equal(nameof(IInstanceGrain.ReportAsync), targetMethod.Name);
            return Grains!.ReportAsync((RunReport)args![0]!);
        }
    }
}
