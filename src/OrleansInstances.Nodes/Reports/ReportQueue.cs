namespace OrleansInstances.Nodes.Reports;

/// <summary>
/// The reports of one instance that its grain has not accepted, one a run: a later phase takes the place of an earlier
/// one, and nothing takes the place of a run's end.
/// </summary>
internal sealed class ReportQueue
{
    /// <summary>Runs with an unaccepted end; more are not started.</summary>
    public const int MaxRuns = 16;

    private readonly Lock _gate = new();
    private readonly List<RunReport> _reports = [];
    private bool _underWay;

    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                return _reports.Count >= MaxRuns;
            }
        }
    }

    /// <summary>True when nothing was under way: the caller sees to it that the reports are delivered.</summary>
    public bool Add(RunReport report)
    {
        lock (_gate)
        {
            if (_reports is [.., var last] && last.Run == report.Run)
            {
                if (last.IsFinal)
                {
                    return false;
                }

                if (_reports.Count > 1 || !_underWay)
                {
                    _reports.RemoveAt(_reports.Count - 1);
                }
            }

            _reports.Add(report);
            var first = !_underWay;
            _underWay = true;
            return first;
        }
    }

    /// <summary>The report to deliver now, which may be the one that failed before; null ends the delivery.</summary>
    public RunReport? Current()
    {
        lock (_gate)
        {
            if (_reports is [var first, var second, ..] && first.Run == second.Run)
            {
                _reports.RemoveAt(0);
            }

            _underWay = _reports.Count > 0;
            return _underWay ? _reports[0] : null;
        }
    }

    /// <summary>The current report needs no further delivery.</summary>
    public void Accepted()
    {
        lock (_gate)
        {
            _reports.RemoveAt(0);
        }
    }
}
