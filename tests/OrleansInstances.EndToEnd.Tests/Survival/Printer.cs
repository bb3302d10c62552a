using System.Buffers.Text;

namespace OrleansInstances.EndToEnd.Tests.Survival;

/// <summary>Prints numbered lines in bursts as fast as it can, for ever.</summary>
internal sealed class Printer
{
    // Each burst is written at full speed; the pauses keep the sum within what a disk holds.
    private const string Program = OnlyCopy.NoteStart + "n=1; while :; do seq -f %.0f $n $((n+49999)); n=$((n+50000)); sleep 0.05; done";

    private readonly OnlyCopy _instance;
    private long _offset;
    private long _lines;

    private Printer(OnlyCopy instance) => _instance = instance;

    public static async Task<Printer> CreateAsync(RunningSilo silo)
    {
        var instance = await silo.CreateAsync(new { command = new[] { "/bin/sh", "-c", Program }, console = new { max_bytes = 1L << 30 } });
        await silo.WaitForStateAsync(instance, "running");
        return new Printer(new OnlyCopy(silo, silo, instance));
    }

    /// <summary>Not one line is missing, twice or broken, since the last time; it goes on printing.</summary>
    public async Task AssertWholeAsync()
    {
        await _instance.AssertRunsAsync();
        var before = _lines;
        await Eventually.Get("more lines", async () => await TakeAsync(), lines => lines > before + 50_000);
    }

    private async Task<long> TakeAsync()
    {
        ReadOnlyMemory<byte> bytes = await _instance.ReadAsync(_offset);
        while (bytes.Span.IndexOf((byte)'\n') is var end and >= 0)
        {
            var line = bytes.Span[..end];
            if (!Utf8Parser.TryParse(line, out long number, out var read) || read != line.Length || number != _lines + 1)
            {
                Assert.Fail($"Line {_lines + 1} at offset {_offset} reads '{System.Text.Encoding.UTF8.GetString(line[..Math.Min(line.Length, 40)])}'.");
            }

            _lines = number;
            _offset += end + 1;
            bytes = bytes[(end + 1)..];
        }

        return _lines;
    }
}
