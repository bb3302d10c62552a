using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>Writes a console line by line, flushing once a slice.</summary>
internal static class LineLogWriter
{
    public static async Task WriteAsync(
        IAsyncEnumerable<OutputSlice> slices,
        long start,
        ILineFormat format,
        DateTimeOffset notBefore,
        LogQuery query,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        response.ContentType = format.ContentType;
        await response.BodyWriter.FlushAsync(cancellationToken);
        var lines = new ConsoleLines(format, response.BodyWriter, start, notBefore, query.Stream, query.Resume);
        await foreach (var slice in slices.WithCancellation(cancellationToken))
        {
            lines.Write(slice);
            await response.BodyWriter.FlushAsync(cancellationToken);
        }

        lines.Complete();
        await response.BodyWriter.FlushAsync(cancellationToken);
    }
}
