using OrleansInstances.Nodes;

namespace OrleansInstances.Gateway.Dialects.Starpod.Logs;

/// <summary>
/// Writes the bytes as they are. Offsets must stay true, so it ends where output is no longer kept: the reader asks on from
/// there and is told the next offset.
/// </summary>
internal static class RawLogWriter
{
    /// <param name="slices">The bytes.</param>
    /// <param name="start">The offset at which the reader is.</param>
    /// <param name="only">The stream that is asked for; null is both.</param>
    public static async Task WriteAsync(IAsyncEnumerable<OutputSlice> slices, long start, OutputStream? only, HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "application/octet-stream";
        await response.BodyWriter.FlushAsync(cancellationToken);
        var end = start;
        await foreach (var slice in slices.WithCancellation(cancellationToken))
        {
            if (slice.Offset > end)
            {
                break;
            }

            await WriteAsync(slice, only, response, cancellationToken);
            end = slice.Offset + slice.Data.Length;
        }
    }

    private static async Task WriteAsync(OutputSlice slice, OutputStream? only, HttpResponse response, CancellationToken cancellationToken)
    {
        if (only is null)
        {
            await response.BodyWriter.WriteAsync(slice.Data, cancellationToken);
            return;
        }

        foreach (var range in OutputRange.Of(slice).Where(range => range.Stream == only))
        {
            await response.BodyWriter.WriteAsync(slice.Data[range.Start..range.End], cancellationToken);
        }
    }
}
