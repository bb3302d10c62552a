using OrleansInstances.Keeper.Protocol;
using OrleansInstances.Nodes.Reports;

namespace OrleansInstances.Nodes;

/// <summary>What the runtime holds of one instance: the keeper's latest record, orders under way, reports not yet accepted.</summary>
internal sealed class HostedInstance(Guid id)
{
    private volatile RunRecord? _record;

    public Guid Id => id;

    /// <summary>The keeper's word, null before any. It only moves forward: to a higher epoch, or on within a run, never back from its end.</summary>
    public RunRecord? Record => _record;

    /// <summary>Who carries its orders out; null is the keeper.</summary>
    public IRunDriver? Driver { get; set; }

    public OrderQueue Orders { get; } = new();

    public ReportQueue Reports { get; } = new();

    /// <summary>The last epoch that this runtime itself asked to start; any other is an adopted one.</summary>
    public long OwnEpoch { get; set; }

    /// <summary>The last epoch that was closed instead of started, and why.</summary>
    public (long Epoch, string Why)? ClosedStart { get; set; }

    /// <summary>The last start that the keeper refused: the same one, given again, must not succeed after its failure was told.</summary>
    public (long Epoch, string Why)? RefusedStart { get; set; }

    /// <summary>What it takes of the node; null while it takes nothing. Guarded by the table.</summary>
    public Place? Place { get; set; }

    public void Observe(RunRecord record)
    {
        if (_record is not { } known
            || record.Epoch > known.Epoch
            || (record.Epoch == known.Epoch && (record.HasEnded || !known.HasEnded)))
        {
            _record = record;
        }
    }
}
