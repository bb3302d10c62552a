using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using OrleansInstances.Instances;
using OrleansInstances.Keeper;
using OrleansInstances.Nodes.Processes;
using OrleansInstances.Nodes.Tests.Testing;

namespace OrleansInstances.Nodes.Tests.Processes;

/// <summary>With real FIFOs that the test itself reads.</summary>
public sealed class StdinPipesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StdinPipes _pipes;
    private readonly RunKey _run = TestRuntime.NewRun();
    private readonly FileStream _reader;
    private readonly SafeFileHandle _keeper;

    public StdinPipesTests()
    {
        _pipes = new StdinPipes(_folder.Path, maxOpen: 512);
        _reader = MakeFifo(_run);

        // As the keeper does: while it holds a write end, a reader that comes first reads no end of file.
        _keeper = File.OpenHandle(new InstanceFolder(_folder.Path, _run.InstanceId).Stdin(_run.Epoch), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
    }

    public void Dispose()
    {
        _pipes.Dispose();
        _keeper.Dispose();
        _reader.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_fifo_that_nobody_reads_takes_what_fits_and_says_how_much()
    {
        var data = Numbered(1 << 20);

        var first = _pipes.Write(_run, data, end: false);

        Assert.InRange(first.Taken, 4096, (1 << 20) - 1);
        Assert.Equal((RefusalKind.Unavailable, "input_full"), (first.Refusal!.Kind, first.Refusal.Code));
        Assert.Equal((0, "input_full"), (_pipes.Write(_run, data, end: false) is var second ? second.Taken : -1, second.Refusal!.Code));
        Assert.Equal(data[..first.Taken], Read(first.Taken));
    }

    [Fact]
    public void What_was_not_taken_can_be_offered_again_without_loss_or_repetition()
    {
        var data = Numbered(1 << 20);
        var seen = new List<byte>();
        for (var at = 0; at < data.Length;)
        {
            var reply = _pipes.Write(_run, data.AsSpan(at), end: false);
            at += reply.Taken;
            seen.AddRange(Read(reply.Taken));
        }

        Assert.Equal(data, seen);
    }

    [Fact]
    public async Task Concurrent_writes_are_never_mixed()
    {
        const int Writers = 8;
        const int Each = 200;
        var reading = Task.Run(() => Read(Writers * Each * 100));

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var message = Enumerable.Repeat((byte)('a' + writer), 100).ToArray();
            for (var i = 0; i < Each; i++)
            {
                // A hundred bytes fit whole or not at all: while they do not, the reader has to come round first.
                await Eventually.TrueAsync(
                    () => _pipes.Write(_run, message, end: false).Taken switch
                    {
                        0 => false,
                        100 => true,
                        var taken => throw new InvalidDataException($"{taken} bytes of a message were taken."),
                    },
                    "a message taken");
            }
        })));

        var bytes = await Eventually.WithinAsync(reading, "all bytes read");
        foreach (var message in bytes.Chunk(100))
        {
            Assert.Single(message.Distinct());
        }
    }

    [Fact]
    public void Nothing_is_taken_after_the_end_and_the_end_waits_for_all_bytes()
    {
        Assert.Equal("input_full", _pipes.Write(_run, new byte[1 << 20], end: true).Refusal!.Code);
        var rest = _pipes.Write(_run, [], end: true);
        Assert.Null(rest.Refusal);

        var late = _pipes.Write(_run, "x"u8, end: false);

        Assert.Equal((0, RefusalKind.Conflict, "input_closed"), (late.Taken, late.Refusal!.Kind, late.Refusal.Code));
    }

    [Fact]
    public void A_program_that_has_closed_its_stdin_is_told_as_closed()
    {
        Assert.Equal(1, _pipes.Write(_run, "x"u8, end: false).Taken);
        _reader.Dispose();

        Assert.Equal("input_closed", _pipes.Write(_run, "y"u8, end: false).Refusal!.Code);
        _pipes.Forget(_run);
        Assert.Equal("input_closed", _pipes.Write(_run, "y"u8, end: false).Refusal!.Code);
    }

    [Fact]
    public void More_runs_than_descriptors_are_served_with_bounded_descriptors()
    {
        var before = Descriptors();
        var readers = Enumerable.Range(0, 600).Select(_ => TestRuntime.NewRun()).Select(run => (Run: run, Reader: MakeFifo(run))).ToList();

        foreach (var (run, _) in readers)
        {
            Assert.Equal(1, _pipes.Write(run, "x"u8, end: false).Taken);
        }

        Assert.InRange(Descriptors() - before - readers.Count, 400, 530);
        Assert.Equal(1, _pipes.Write(readers[0].Run, "y"u8, end: false).Taken);
        readers.ForEach(each => each.Reader.Dispose());
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static byte[] Numbered(int length)
    {
        var data = new byte[length];
        for (var i = 0; i < length; i++)
        {
            data[i] = (byte)(i * 31 + (i >> 8));
        }

        return data;
    }

    private byte[] Read(int count)
    {
        var data = new byte[count];
        _reader.ReadExactly(data);
        return data;
    }

    private FileStream MakeFifo(RunKey run)
    {
        var folder = new InstanceFolder(_folder.Path, run.InstanceId);
        Directory.CreateDirectory(folder.Path);
        using (var mkfifo = Process.Start("mkfifo", [folder.Stdin(run.Epoch)]))
        {
            mkfifo.WaitForExit();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        // Read-write, as open for reading alone waits for a writer; the write end goes as soon as a reading one is there.
        using var both = File.Open(folder.Stdin(run.Epoch), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        return new FileStream(folder.Stdin(run.Epoch), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
    }
}
