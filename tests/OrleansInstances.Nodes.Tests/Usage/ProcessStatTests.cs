using OrleansInstances.Nodes.Usage;

namespace OrleansInstances.Nodes.Tests.Usage;

public sealed class ProcessStatTests
{
    [Fact]
    public void The_fields_are_read_behind_a_name_with_blanks_and_brackets()
    {
        var line = "42 (a) b (c) S 7 42 43 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 987654 123456789 321 18446744073709551615 1 1"u8;

        Assert.True(ProcessStat.TryParse(line, out var stat));

        Assert.Equal(new ProcessStat(42, Parent: 7, Session: 43, IsZombie: false, Cpu: 127, StartTicks: 987654, ResidentPages: 321), stat);
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 (name)")]
    [InlineData("42 (name) S 7 42 43 0 -1")]
    [InlineData("no number) S")]
    public void A_line_cut_short_is_refused(string line) =>
        Assert.False(ProcessStat.TryParse(System.Text.Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void This_very_process_is_found_alive()
    {
        var line = File.ReadAllBytes("/proc/self/stat");
        Assert.True(ProcessStat.TryParse(line, out var self));

        var tree = ProcessTree.Read();

        Assert.True(tree.IsAlive(Environment.ProcessId, self.StartTicks));
        Assert.False(tree.IsAlive(Environment.ProcessId, self.StartTicks + 1));
        var (cpu, pages) = tree.Sum(new HashSet<int> { Environment.ProcessId })[Environment.ProcessId];
        Assert.True(cpu > 0 && pages > 1000, $"{cpu} ticks, {pages} pages");
    }
}
