using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes.Tests.Reports;

public sealed class ReportQueueTests
{
    private static readonly Guid Instance = Guid.NewGuid();
    private readonly ReportQueue _queue = new();

    [Fact]
    public void The_first_report_asks_for_a_delivery_and_no_other_does_while_it_is_under_way()
    {
        Assert.True(_queue.Add(Report(1, RunPhase.Running)));
        Assert.False(_queue.Add(Report(1, RunPhase.Paused)));

        Drain();

        Assert.True(_queue.Add(Report(1, RunPhase.Running)));
    }

    [Fact]
    public void A_later_phase_takes_the_place_of_one_that_waits()
    {
        _queue.Add(Report(1, RunPhase.Exited));
        _queue.Add(Report(2, RunPhase.Running));
        _queue.Add(Report(2, RunPhase.Paused));

        Assert.Equal([(1, RunPhase.Exited), (2, RunPhase.Paused)], Drain());
    }

    [Fact]
    public void The_report_that_is_being_delivered_stays_until_it_is_answered()
    {
        var running = Report(1, RunPhase.Running);
        _queue.Add(running);
        Assert.Same(running, _queue.Current());

        _queue.Add(Report(1, RunPhase.Exited));
        _queue.Accepted();

        Assert.Equal([(1, RunPhase.Exited)], Drain());
    }

    [Fact]
    public void A_failed_report_gives_way_to_a_later_phase_of_its_run()
    {
        _queue.Add(Report(1, RunPhase.Running));
        _queue.Current();

        _queue.Add(Report(1, RunPhase.Exited));

        Assert.Equal([(1, RunPhase.Exited)], Drain());
    }

    [Theory]
    [InlineData(RunPhase.Exited)]
    [InlineData(RunPhase.StartFailed)]
    [InlineData(RunPhase.NoRoom)]
    public void The_end_of_a_run_is_never_dropped(RunPhase end)
    {
        _queue.Add(Report(1, end));
        _queue.Add(Report(1, RunPhase.Running));
        _queue.Add(Report(2, RunPhase.Running));

        Assert.Equal([(1, end), (2, RunPhase.Running)], Drain());
    }

    [Fact]
    public void It_is_full_when_too_many_ends_are_not_accepted()
    {
        for (var epoch = 1; epoch <= ReportQueue.MaxRuns; epoch++)
        {
            Assert.False(_queue.IsFull);
            _queue.Add(Report(epoch, RunPhase.Exited));
        }

        Assert.True(_queue.IsFull);
    }

    private List<(long Epoch, RunPhase Phase)> Drain()
    {
        var drained = new List<(long, RunPhase)>();
        while (_queue.Current() is { } report)
        {
            drained.Add((report.Run.Epoch, report.Phase));
            _queue.Accepted();
        }

        return drained;
    }

    private static RunReport Report(long epoch, RunPhase phase) => new()
    {
        Run = new RunKey(Instance, epoch),
        Phase = phase,
        Node = "n",
        At = DateTimeOffset.UnixEpoch,
    };
}
