using OrleansInstances.Keeper.Interop;
using OrleansInstances.Keeper.Loop;

namespace OrleansInstances.Keeper.Processes;

/// <summary>Kills what there is of a tree, pass after pass over /proc, until nothing of it is left.</summary>
/// <param name="members">The tree as a table shows it.</param>
/// <param name="done">Called once.</param>
internal sealed class TreeKill(EventLoop loop, TreeScans scans, Func<ProcessTable, IEnumerable<TreeMember>> members, Action done)
{
    // Two passes over /proc that find nothing: one alone may miss what was born behind it.
    private const int PassesWhenInexact = 2;

    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan SlowestLook = TimeSpan.FromMilliseconds(100);

    private TimeSpan _nextLook = FirstLook;
    private int _emptyPasses;

    public void Begin() => scans.Request(Look);

    private void Look(ProcessTable table)
    {
        var left = 0;
        foreach (var member in members(table))
        {
            member.Signal(Signals.Kill);
            left++;
        }

        _emptyPasses = left == 0 ? _emptyPasses + 1 : 0;
        if (left == 0 && (table.IsExact || _emptyPasses >= PassesWhenInexact))
        {
            done();
            return;
        }

        loop.After(left == 0 ? TimeSpan.Zero : _nextLook, Begin);
        _nextLook = TimeSpan.FromTicks(Math.Min(_nextLook.Ticks * 2, SlowestLook.Ticks));
    }
}
