using System.Globalization;
using System.Text;

namespace OrleansInstances.EndToEnd.Tests.Cluster;

/// <summary>Instances that print numbered lines, each with its epoch, and note for themselves what they have printed.</summary>
internal static class NumberedLines
{
    /// <param name="pause">Between two lines.</param>
    public static string[] Program(TimeSpan pause) =>
    [
        "/bin/sh", "-c",
        $"i=0; while :; do i=$((i+1)); echo \"$OI_EPOCH $i\"; echo $i > printed.$OI_EPOCH; sleep {pause.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)}; done",
    ];

    /// <summary>What lies on the disks of the nodes: of each epoch, on one node only, every line that was printed, once and in order.</summary>
    /// <param name="atLeast">So many epochs have printed something, or will.</param>
    /// <returns>The node of each epoch.</returns>
    public static Task<Dictionary<int, string>> AssertWholeAsync(string instance, IEnumerable<RunningSilo> nodes, int atLeast = 1) => Eventually.Get(
        $"all that {instance} printed to be on disk",
        () => Task.FromResult(Read(instance, nodes)),
        epochs => epochs.Count >= atLeast && epochs.Values.All(node => node is not null))!;

    /// <summary>The node of each epoch, null where a line is not there yet.</summary>
    private static Dictionary<int, string?> Read(string instance, IEnumerable<RunningSilo> nodes)
    {
        var epochs = new Dictionary<int, string?>();
        foreach (var silo in nodes)
        {
            var folder = Path.Combine(silo.Data, "instances", instance.Replace("-", "", StringComparison.Ordinal));
            if (!Directory.Exists(folder))
            {
                continue;
            }

            var printed = Directory.GetFiles(Path.Combine(folder, "files"), "printed.*").ToDictionary(
                file => int.Parse(Path.GetExtension(file)[1..], CultureInfo.InvariantCulture),
                file => int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var last) ? last : 0);
            var console = string.Concat(Directory.GetFiles(Path.Combine(folder, "console"), "*.log").Order().Select(ReadShared));
            foreach (var epoch in Lines(console).GroupBy(line => line.Epoch, line => line.Number))
            {
                Assert.Equal(Enumerable.Range(1, epoch.Count()), epoch);
                Assert.True(epochs.TryAdd(epoch.Key, epoch.Count() >= printed.GetValueOrDefault(epoch.Key) ? RunningCluster.NodeOf(silo) : null), $"Epoch {epoch.Key} of {instance} ran on two nodes.");
                printed.Remove(epoch.Key);
            }

            foreach (var (epoch, _) in printed.Where(epoch => epoch.Value > 0))
            {
                epochs[epoch] = null;
            }
        }

        return epochs;
    }

    /// <summary>The whole lines of a text.</summary>
    public static IEnumerable<(int Epoch, int Number)> Lines(string text) => text[..(text.LastIndexOf('\n') + 1)]
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(' '))
        .Select(words => (int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture)));

    private static string ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return reader.ReadToEnd();
    }
}
