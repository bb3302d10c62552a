using OrleansInstances.Nodes.Usage;

namespace OrleansInstances.Nodes.Tests.Usage;

public sealed class ProcessTreeTests
{
    [Fact]
    public void A_tree_is_the_main_process_its_session_and_its_descendants()
    {
        var tree = new ProcessTree(
        [
            Process(1, parent: 0, session: 1),
            Process(10, parent: 1, session: 10),
            Process(11, parent: 10, session: 10),
            Process(12, parent: 11, session: 12),
            Process(13, parent: 12, session: 12),
            Process(14, parent: 1, session: 10),
            Process(20, parent: 1, session: 20),
            Process(30, parent: 1, session: 30),
        ]);

        var sums = tree.Sum(new HashSet<int> { 10, 20 });

        Assert.Equal((10 + 11 + 12 + 13 + 14, 5), sums[10]);
        Assert.Equal((20, 1), sums[20]);
        Assert.Equal(2, sums.Count);
    }

    [Fact]
    public void Neither_a_zombie_nor_another_process_with_the_same_pid_is_alive()
    {
        var tree = new ProcessTree([Process(10, 1, 10), Process(11, 1, 11) with { IsZombie = true }]);

        Assert.True(tree.IsAlive(10, 5));
        Assert.False(tree.IsAlive(10, 6));
        Assert.False(tree.IsAlive(11, 5));
        Assert.False(tree.IsAlive(12, 5));
    }

    [Fact]
    public void A_ring_of_parents_ends()
    {
        var tree = new ProcessTree([Process(5, 6, 5), Process(6, 5, 6)]);

        Assert.Empty(tree.Sum(new HashSet<int> { 10 }));
    }

    private static ProcessStat Process(int pid, int parent, int session) =>
        new(pid, parent, session, IsZombie: false, Cpu: pid, StartTicks: 5, ResidentPages: 1);
}
